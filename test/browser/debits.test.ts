import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerCoreBanking } from '../../src/core-banking/ledger.ts';
import type { InquiryOutcome } from '../../src/core-banking/port.ts';
import type { DebitSteps } from '../../src/debits/steps.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { must } from '../bank.ts';
import { describeIf } from '../programs.ts';
import { bankUnderWay } from './bank-under-way.ts';
import { openChromium } from './chromium.ts';
import { type Person, signInAs } from './staff.ts';

/** The core moves the money and then says nothing, while `silent`. */
const core = { silent: false };

const wrapSteps = (steps: DebitSteps): DebitSteps => ({
  ...steps,
  async move(debit) {
    const moved = await steps.move(debit);
    return core.silent ? { outcome: 'IN_DOUBT' } : moved;
  },
  inquire: async (reference): Promise<InquiryOutcome> =>
    core.silent ? { outcome: 'NO_ANSWER' } : steps.inquire(reference),
});

describeIf('chromium', 'chromium')('a debit, from the search to its end', () => {
  let browser: Browser;
  let office: TestBackOffice;

  beforeAll(async () => {
    office = await openTestBackOffice({}, { wrapSteps });
    const { active } = await bankUnderWay(office);
    core.silent = true;
    for (const name of ['FR', 'AR', 'FR-PLAIN']) await doubtful(office, active, name);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const { language, scripts } of [
    { language: 'fr', scripts: true },
    { language: 'ar', scripts: true },
    { language: 'fr', scripts: false },
  ] as const)
    test(`${language}${scripts ? '' : ', without scripts'}: in doubt, it is found, ended by two people with the core's booking, and contested`, async () => {
      const reference = `DOUBT-${language.toUpperCase()}${scripts ? '' : '-PLAIN'}`;
      const look = (person: Person, name: string) => (scripts ? person.look(name) : undefined);
      await using nadia = await signInAs(browser, office.origin, 'officer-nadia', { language, scripts });
      await search(nadia, reference);
      await look(nadia, 'debit-in-doubt');
      await link(nadia, nadia.say('debits.end-by-hand'));
      await look(nadia, 'debit-ending');
      await fillIn(nadia, await bookingOf(office, reference), () => look(nadia, 'debit-ending-fault'));
      await nadia.page.getByText(nadia.say('debits.proposed')).waitFor();
      await look(nadia, 'debit-proposal');

      await using karim = await signInAs(browser, office.origin, 'supervisor-karim', { language, scripts });
      await karim.go(new URL(nadia.page.url()).pathname);
      karim.page.on('dialog', (dialog) => void dialog.accept());
      await karim.page.getByRole('button', { name: karim.say('approvals.approve'), exact: true }).press('Enter');
      await karim.page
        .getByText(karim.say('approvals.done.APPROVE', { what: karim.say('debits.kind.ending') }))
        .waitFor();

      await search(karim, reference);
      await karim.page.getByText(karim.say('debits.verdict.GENUINE')).first().waitFor();
      await look(karim, 'debit-settled');
      await link(karim, karim.say('debits.open-contest'));
      await look(karim, 'debit-contest');
      await karim.page.locator('textarea[name="remark"]').fill('رب العمل يقول إنه دفع نقدا');
      await karim.page.getByRole('button', { name: karim.say('debits.open-contest') }).press('Enter');
      await karim.page.getByText(karim.say('debits.contest-opened')).waitFor();
      await link(karim, karim.say('debits.refuse-contest'));
      await look(karim, 'debit-contest-refusal');

      await contradict(office, reference);
      await search(karim, reference);
      await look(karim, 'debit-contradicted');
      await link(karim, karim.say('debits.end-contradiction'));
      await look(karim, 'debit-contradiction-ending');
      for (const queue of ['in-doubt', 'for-people', 'contradictions', 'contests']) {
        await karim.go(`/debits/queue/${queue}`);
        await look(karim, `debits-${queue}`);
      }
    }, 180_000);
});

async function doubtful(office: TestBackOffice, mandateId: string, name: string): Promise<void> {
  const { rows } = await office.db.owner.query('select employer_number from mandates where mandate_id = $1', [
    mandateId,
  ]);
  const { status } = await office.clientOf('cnas').put(`/v1/debits/DOUBT-${name}`, {
    mandateId,
    employerNumber: rows[0]?.employer_number,
    amount: '1250.00',
    currency: 'DZD',
    declaration: { reference: `DAC-DOUBT-${name}`, declaredAmount: '1250.00' },
  });
  if (status !== 202) throw new Error(`the debit was answered ${status}`);
}

/** What the paper of the core's own desk says. */
async function bookingOf({ db }: TestBackOffice, reference: string) {
  const { rows: debits } = await db.owner.query('select core_reference from debits where end_to_end_id = $1', [
    reference,
  ]);
  const [answer] = await ledgerCoreBanking(db.ledger).inquire([debits[0]?.core_reference]);
  if (answer?.outcome !== 'MOVED') throw new Error('it has not moved');
  return answer.booking;
}

/** The core tells of one booking more than was confirmed. */
async function contradict({ db }: TestBackOffice, reference: string): Promise<void> {
  await db.owner.query(
    `insert into contradictions (contradiction_id, debit_id, creditor_code, kind, booking_reference, amount, executed_at)
     select gen_random_uuid(), debit_id, creditor_code, 'OTHER_BOOKING', 'LB-OTHER', amount, executed_at
       from debits where end_to_end_id = $1`,
    [reference],
  );
}

async function search(person: Person, reference: string): Promise<void> {
  await person.go('/debits');
  await person.page.locator('input[name="reference"]').fill(reference);
  await person.page.locator('input[name="reference"]').press('Enter');
  await person.page.getByRole('link', { name: reference }).press('Enter');
  await person.page.getByRole('heading', { level: 1, name: reference }).waitFor();
}

async function link({ page }: Person, name: string): Promise<void> {
  await page.getByRole('link', { name }).press('Enter');
  await page.locator('form.form').waitFor();
}

async function fillIn(
  person: Person,
  booking: Awaited<ReturnType<typeof bookingOf>>,
  onFault: () => Promise<void> | undefined,
): Promise<void> {
  const { page } = person;
  const [day, time] = new Date(booking.executedAt.getTime() + 3_600_000).toISOString().split(/[T.]/);
  await page.locator('input[name="kind"][value="BOOKING"]').check();
  for (const [name, value] of [
    ['bookingReference', booking.bookingReference],
    ['amount', '1 250,01'],
    ['executedOn', must(day)],
    ['executedTime', must(time)],
    ['bookingDate', booking.bookingDate],
    ['valueDate', booking.valueDate],
  ] as const)
    await page.locator(`input[name="${name}"]`).fill(value);
  const paper = { name: 'piece.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 the core says') };
  await page.locator('input[name="document"]').setInputFiles(paper);
  await page.locator('textarea[name="remark"]').fill('La pièce du système central est jointe');
  const propose = page.getByRole('button', { name: person.say('debits.propose-ending'), exact: true });
  await propose.press('Enter');
  // Another amount than the debit's is refused beside its field; the form is as it was filled in, but for the file.
  await page.locator('#field-amount-fault').waitFor();
  await onFault();
  expect(await page.locator('input[name="bookingReference"]').inputValue()).toBe(booking.bookingReference);
  await page.locator('input[name="amount"]').fill('1 250,00');
  await page.locator('input[name="document"]').setInputFiles(paper);
  await propose.press('Enter');
}
