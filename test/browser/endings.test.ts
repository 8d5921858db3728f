import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Language } from '../../src/back-office/words/words.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { must } from '../bank.ts';
import { describeIf } from '../programs.ts';
import { bankUnderWay, debitOf, type UnderWay } from './bank-under-way.ts';
import { openChromium } from './chromium.ts';
import { type Person, signInAs } from './staff.ts';

const languages = ['fr', 'ar'] as const;
const paper = { name: 'piece.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 the core says') };

/** The debit whose answer is explained, and the one whose reversal is in doubt. */
const explained = (language: Language) => `EXPLAINED-${language.toUpperCase()}`;
const doubted = (language: Language) => `BACK-${language.toUpperCase()}`;

describeIf('chromium', 'chromium')('what people end, or let go on', () => {
  let browser: Browser;
  let office: TestBackOffice;
  let bank: UnderWay;

  beforeAll(async () => {
    office = await openTestBackOffice();
    bank = await bankUnderWay(office);
    for (const language of languages) {
      await debitOf(office, bank.active, explained(language), '1250.00', 201);
      await debitOf(office, bank.active, doubted(language), '2500.00', 201);
    }
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const language of languages) {
    test(`${language}: an answer that was not believed is explained by the core's paper, a reversal in doubt is ended, each by two people`, async () => {
      const contradicted = await contradict(office, `DEBIT-${explained(language)}`);
      const reversed = await doubtReversal(office, `DEBIT-${doubted(language)}`);
      await using nadia = await signInAs(browser, office.origin, 'officer-nadia', { language });
      await using karim = await signInAs(browser, office.origin, 'supervisor-karim', { language });
      karim.page.on('dialog', (dialog) => void dialog.accept());

      await nadia.go(contradicted.path);
      await follow(nadia, nadia.say('debits.end-contradiction'));
      await choose(nadia, 'EXPLANATION-MOVED', { bookingReference: 'B-OTHER' });
      await nadia.page.locator('#field-bookingReference-fault').waitFor();
      await nadia.look('contradiction-fault');
      await choose(nadia, 'EXPLANATION-MOVED', { bookingReference: contradicted.bookingReference });
      await approve(karim, nadia, 'contradiction');
      await karim.go(contradicted.path);
      await karim.page.getByText(karim.say('debits.explained')).first().waitFor();
      await karim.look('debit-explained');

      await nadia.go(reversed);
      await nadia.look('debit-reversal-in-doubt');
      await follow(nadia, nadia.say('debits.end-reversal-by-hand'));
      await nadia.look('reversal-ending');
      await choose(nadia, 'VOID', {});
      await approve(karim, nadia, 'reversal-ending');
      await karim.go(reversed);
      await karim.look('debit-reversal-ended');
      const { rows } = await office.db.owner.query<{ state: string; given: string }>(
        'select d.state, r.state as given from debits d join reversals r using (debit_id) where end_to_end_id = $1',
        [`DEBIT-${doubted(language)}`],
      );
      expect(rows).toEqual([{ state: 'SETTLED', given: 'REJECTED' }]);
    }, 120_000);

    test(`${language}: a webhook that was paused goes on, and work that was given up is tried again`, async () => {
      await pausedWebhook(office);
      await using lina = await signInAs(browser, office.origin, 'administrator-lina', { language });
      await lina.go('/administration/webhooks/CNAS');
      await lina.page.getByText(lina.say('administration.webhook-paused')).waitFor();
      await lina.look('webhook-paused');
      await press(lina, lina.say('administration.webhook-resume'));
      await lina.page.getByText(lina.say('administration.webhook-retried')).waitFor();
      await lina.page.getByText(lina.say('administration.webhook-state.ACTIVE'), { exact: true }).waitFor();

      await giveUp(office, bank.active);
      await lina.go('/work');
      await lina.look('work-dead');
      await press(lina, lina.say('work.retry'));
      await lina.page.getByText(lina.say('work.retried', { count: 1 })).waitFor();
      const { rows } = await office.db.owner.query(
        "select from job_failures where work = 'names' and dead_at is not null",
      );
      expect(rows).toEqual([]);
    }, 120_000);
  }
});

/** The core names another account than the one asked for; its answer was not believed. Answers the debit's page. */
async function contradict({ db }: TestBackOffice, endToEndId: string) {
  const { rows } = await db.owner.query<{ path: string; booking: string }>(
    `with debit as (select * from debits where end_to_end_id = $1), told as (
       insert into contradictions (contradiction_id, debit_id, creditor_code, kind)
       select gen_random_uuid(), debit_id, creditor_code, 'OTHER_ACCOUNT' from debit
     )
     select '/debits/' || debit_id as path, booking_reference as booking from debit`,
    [endToEndId],
  );
  const { path, booking } = must(rows[0]);
  return { path, bookingReference: booking };
}

/** Sent an hour ago, and nobody knows whether it moved. Answers the debit's page. */
async function doubtReversal({ db }: TestBackOffice, endToEndId: string): Promise<string> {
  const { rows } = await db.owner.query<{ path: string }>(
    `with debit as (select * from debits where end_to_end_id = $1), asked as (
       insert into reversals (reversal_id, debit_id, creditor_code, attempt, core_reference, amount, asked_reason, request_jti, state,
         ordered_at, received_at, counted_on, expires_at, resolve_by, lease_until, sends, people_since)
       select gen_random_uuid(), debit_id, creditor_code, 1, translate(md5(end_to_end_id), '0123456789abcdef', 'ABCDEFGHIJKLMNOP'), amount,
              'paid-otherwise', request_jti, 'IN_DOUBT', at, at, current_date, at, at + interval '15 minutes',
              now() + interval '1 day', 1, now()
         from debit, (select now() - interval '1 hour' as at) as moment
     )
     select '/debits/' || debit_id as path from debit`,
    [endToEndId],
  );
  return must(rows[0]).path;
}

/** A receiver that has not answered for a day. Nothing leaves: an address of the host itself is not pushed to. */
async function pausedWebhook({ db }: TestBackOffice): Promise<void> {
  await db.owner.query("update webhooks set state = 'ENDED' where creditor_code = 'CNAS'");
  await db.owner.query(
    `insert into webhooks (webhook_id, creditor_code, url, digest, asked_at, request_jti, state, state_since, registered_at, failures,
       failing_since, probe_at, tried_at, answer)
     select gen_random_uuid(), 'CNAS', 'https://localhost:9/events', repeat('0', 64), at, 'webhook-of-the-test', 'PAUSED', at, at, 20, at,
            now() + interval '1 hour', at, 'timeout' from (select now() - interval '1 day' as at) as moment`,
  );
}

/** Long before what was given up already, so that it stands first. */
async function giveUp({ db }: TestBackOffice, subjectId: string): Promise<void> {
  await db.owner.query(
    `insert into job_failures (work, subject_id, failures, fault, failed_at, next_at, dead_at, since)
     values ('names', $1, 9, 'TypeError', now(), now() + interval '1 day', '2020-01-01', '2020-01-01')
     on conflict (work, subject_id) do update set dead_at = excluded.dead_at`,
    [subjectId],
  );
}

async function follow({ page }: Person, name: string): Promise<void> {
  await page.getByRole('link', { name }).press('Enter');
  await page.locator('form.form').waitFor();
}

/** The first of that name: what has waited longest. */
async function press({ page }: Person, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().press('Enter');
  await page.getByRole('status').first().waitFor();
}

async function choose(person: Person, kind: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const { page } = person;
  await page.locator(`input[name="kind"][value="${kind}"]`).check();
  for (const [name, value] of Object.entries(fields)) await page.locator(`input[name="${name}"]`).fill(value);
  await page.locator('input[name="document"]').setInputFiles(paper);
  await page.locator('textarea[name="remark"]').fill('La pièce du système central est jointe');
  const arrived = page.waitForEvent('load');
  await page.getByRole('button', { name: person.say('debits.propose-ending'), exact: true }).press('Enter');
  await arrived;
}

async function approve(second: Person, first: Person, kind: 'contradiction' | 'reversal-ending'): Promise<void> {
  await first.page.getByText(first.say('debits.proposed')).waitFor();
  await second.go(new URL(first.page.url()).pathname);
  await second.look(`proposal-${kind}`);
  await second.page.getByRole('button', { name: second.say('approvals.approve'), exact: true }).press('Enter');
  const what = second.say(`debits.kind.${kind}`);
  await second.page.getByText(second.say('approvals.done.APPROVE', { what })).waitFor();
}
