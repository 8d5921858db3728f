import { expect, test } from 'vitest';
import { must } from '../../../test/bank.ts';
import { amel, type BankByHand, paper } from '../../../test/by-hand.ts';
import { bytesOf, openPages, textOf } from '../../../test/debit-pages.ts';
import { reversing } from '../../../test/reversals.ts';
import { lookUpProposal } from '../../approvals/look-up.ts';
import { parseProposalId } from '../../approvals/proposal.ts';
import type { DebitId } from '../../values/ids.ts';
import type { Visit } from '../page.ts';
import { debitKinds } from './kinds.ts';

const script = '<script>alert(1)</script>';

async function settledBy(byHand: BankByHand, name = script): Promise<DebitId> {
  const mandateId = await byHand.bank.addMandate();
  await byHand.bank.db.owner.query('alter table mandate_debtors disable trigger user');
  await byHand.bank.db.owner.query('update mandate_debtors set name_fr = $1 where mandate_id = $2', [name, mandateId]);
  const steps = byHand.bank.stepsWith({ sign: byHand.hands.steps.sign });
  const outcome = await byHand.bank.debit({ mandateId }, steps);
  if (outcome.outcome !== 'DEBIT' || outcome.debit.state !== 'SETTLED') throw new Error('not settled');
  return outcome.debit.debitId;
}

test("a script in an employer's name is text in the list and on the debit's page, in every language", async () => {
  await using pages = await openPages();
  const debitId = await settledBy(pages.byHand);
  for (const language of ['fr', 'en', 'ar'] as const) {
    const list = await textOf(await pages.ask('GET', '/debits', { language }));
    const page = await textOf(await pages.ask('GET', '/debits/:debitId', { language, params: { debitId } }));
    for (const shown of language === 'ar' ? [] : [list, page])
      expect(shown).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    for (const shown of [list, page]) expect(shown).not.toContain('<script');
  }
});

test("a debit's page shows its confirmation as genuine, and its printed receipt is a PDF", async () => {
  await using pages = await openPages();
  const debitId = await settledBy(pages.byHand, 'Employeur');
  const answer = await pages.ask('GET', '/debits/:debitId', { params: { debitId } });
  expect(answer).toMatchObject({ read: [{ kind: 'debit.read', subjectId: debitId }] });
  const page = await textOf(answer);
  expect(page).toContain('Valable');
  expect(page).toContain('bookingReference');
  expect(page).toContain('href="/debits?declaration=');
  const receipt = await pages.ask('GET', '/debits/:debitId/receipt', { params: { debitId } });
  if (receipt.answer !== 'FILE') throw new Error(receipt.answer);
  expect((await bytesOf(receipt.content)).subarray(0, 5).toString()).toBe('%PDF-');
});

test("a reversed debit's page shows each try to give it back, and both confirmations as genuine, in every language", async () => {
  await using pages = await openPages();
  const { bank, hands } = pages.byHand;
  const debitId = await settledBy(pages.byHand, 'Employeur');
  const { rows } = await bank.db.owner.query<{ end_to_end_id: string }>('select end_to_end_id from debits');
  const { reverse, steps } = reversing(bank);
  const endToEndId = rows[0]?.end_to_end_id ?? '';
  const refusing = { ...steps, move: async () => ({ outcome: 'REFUSED', reason: 'AM04' }) as const };
  await reverse({ endToEndId }, refusing);
  await reverse({ endToEndId, attempt: 2 }, { ...steps, sign: hands.steps.sign });
  const page = await textOf(await pages.ask('GET', '/debits/:debitId', { params: { debitId } }));
  for (const shown of ['Confirmation de restitution', 'Restituée', 'Refusée', 'AM04', 'settlement.confirmationJti'])
    expect(page).toContain(shown);
  expect(page.split('Valable').length - 1).toBe(2);
  for (const [language, shown] of [
    ['ar', 'تأكيد الإرجاع'],
    ['en', 'Reversal confirmation'],
  ] as const)
    expect(await textOf(await pages.ask('GET', '/debits/:debitId', { language, params: { debitId } }))).toContain(
      shown,
    );
});

test("another agency's debit answers as an unknown one on every page", async () => {
  await using pages = await openPages();
  const debitId = await settledBy(pages.byHand);
  const foreign = { agencies: ['00999'], params: { debitId } };
  const unknown = await pages.ask('GET', '/debits/:debitId', {
    params: { debitId: '01900000-0000-7000-8000-000000000000' },
  });
  for (const path of [
    '/debits/:debitId',
    '/debits/:debitId/receipt',
    '/debits/:debitId/ending',
    '/debits/:debitId/contest',
  ]) {
    const answer = await pages.ask('GET', path, foreign);
    expect(answer).toMatchObject({ answer: 'PAGE', status: 404 });
    expect(await textOf(answer)).toBe(await textOf(unknown));
  }
  expect(await pages.ask('GET', '/debits', { agencies: ['00999'] })).toMatchObject({ read: [] });
});

test('a search that is not understood says which field, and finds nothing', async () => {
  await using pages = await openPages();
  await settledBy(pages.byHand);
  const answer = await pages.ask('GET', '/debits', { query: new URLSearchParams('employer=12&from=2026-02-31') });
  expect(answer).toMatchObject({ status: 422, read: [] });
  expect(await textOf(answer)).toContain('Le numéro d’employeur a dix chiffres');
});

test('a RIB is sent in a form and leads to an address without it', async () => {
  await using pages = await openPages();
  const debitId = await settledBy(pages.byHand, 'Employeur');
  const { rows } = await pages.byHand.bank.db.owner.query(
    'select rib from mandate_debtors join debits using (mandate_id) where debit_id = $1',
    [debitId],
  );
  const answer = await pages.ask('POST', '/debits/account', { form: new URLSearchParams({ rib: rows[0]?.rib }) });
  if (answer.answer !== 'GO') throw new Error(answer.answer);
  expect(answer.to).not.toContain(rows[0]?.rib);
  const query = new URL(answer.to, 'https://x').searchParams;
  expect(await textOf(await pages.ask('GET', '/debits', { query }))).toContain(debitId);
  const wrong = await pages.ask('POST', '/debits/account', { form: new URLSearchParams({ rib: '123' }) });
  expect(wrong).toMatchObject({ answer: 'PAGE', status: 422 });
});

test("the list pages by a cursor that is its reader's own, and exports with no cell a formula", async () => {
  await using pages = await openPages();
  await settledBy(pages.byHand, '=HYPERLINK("x")');
  const answer = await pages.ask('GET', '/debits/export', { query: new URLSearchParams('state=SETTLED') });
  if (answer.answer !== 'FILE') throw new Error(answer.answer);
  const csv = (await bytesOf(answer.content)).toString();
  expect(csv).toContain(`"'=HYPERLINK(""x"")"`);
  expect(csv.trim().split('\r\n')).toHaveLength(2);
  const stranger = pages.parts.cursors.seal('someone-else', 'debits', '00000000-0000-7000-8000-000000000000');
  expect(await pages.ask('GET', '/debits', { query: new URLSearchParams({ after: stranger }) })).toMatchObject({
    read: [{ kind: 'debits.read' }],
  });
});

test('an end by hand is proposed with its paper, faults stand beside their fields, and the second person sees every figure', async () => {
  await using pages = await openPages();
  const { byHand } = pages;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, true);
  const { bookingReference, bookingDate, valueDate, executedAt } = await byHand.booking(debitId);
  const [day = '', time = ''] = new Date(executedAt.getTime() + 3_600_000).toISOString().split(/[T.]/);
  const fields = {
    kind: 'BOOKING',
    bookingReference,
    bookingDate,
    valueDate,
    executedOn: day,
    executedTime: time,
    remark: 'Pièce reçue',
  };
  const uploads = new Map([['document', { name: 'piece.pdf', bytes: paper.bytes }]]);
  const send = (amount: string, files: Visit['uploads']) =>
    pages.ask('POST', '/debits/:debitId/ending', {
      params: { debitId },
      form: new URLSearchParams({ ...fields, amount }),
      uploads: files,
    });

  const wrong = await send('125000,01', uploads);
  expect(wrong).toMatchObject({ status: 422 });
  expect(await textOf(wrong)).toContain('Le montant de la pièce doit être exactement celui du prélèvement');
  const without = await send('125000,00', new Map());
  expect(await textOf(without)).toContain('Joignez la pièce du système bancaire central');
  const program = await send(
    '125000,00',
    new Map([['document', { name: 'piece.pdf', bytes: Buffer.from('MZ program') }]]),
  );
  expect(await textOf(program)).toContain('La pièce doit être un PDF');

  const done = await send('125 000,00', uploads);
  if (done.answer !== 'GO') throw new Error(await textOf(done));
  const proposalId = must(parseProposalId(done.to.split('/').at(-1) ?? ''));
  const proposal = must(await lookUpProposal(pages.parts.db, proposalId, 'ALL'));
  const kind = must(debitKinds(pages.parts).find((one) => one.kind === proposal.kind));
  const { rows } = await kind.describe(pages.visit({}), proposal);
  const said = (await Promise.all(rows.map(async ({ value }) => String(await value)))).join('\n');
  for (const part of [bookingReference, '125 000,00', 'evidence/'])
    expect(said.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(part);
  expect(await byHand.approve(proposalId)).toMatchObject({ outcome: 'DECIDED' });
  expect(await byHand.row(debitId)).toMatchObject({ state: 'SETTLED', booking_reference: bookingReference });

  const page = await textOf(await pages.ask('GET', '/debits/:debitId', { params: { debitId } }));
  const evidenceId = must(/evidence\/([0-9a-f-]{36})/.exec(page)?.[1]);
  const file = await pages.ask('GET', '/debits/:debitId/evidence/:evidenceId', { params: { debitId, evidenceId } });
  if (file.answer !== 'FILE') throw new Error(file.answer);
  expect(await bytesOf(file.content)).toEqual(paper.bytes);
  expect(
    await pages.ask('GET', '/debits/:debitId/evidence/:evidenceId', {
      agencies: ['00999'],
      params: { debitId, evidenceId },
    }),
  ).toMatchObject({ status: 404 });
});

test('the queues show what the core said last, and a contest by its term', async () => {
  await using pages = await openPages();
  const { byHand } = pages;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, false);
  const { rows } = await byHand.bank.db.owner.query('select core_reference from debits where debit_id = $1', [debitId]);
  byHand.says.inquire = { outcome: 'NO_ANSWER' };
  await byHand.hands.steps.inquire(rows[0]?.core_reference);
  const doubtful = await textOf(await pages.ask('GET', '/debits/queue/in-doubt'));
  expect(doubtful).toContain('Pas de réponse');
  expect(doubtful).toContain(debitId);

  const file = await pages.ask('GET', '/debits/queue/in-doubt/export');
  if (file.answer !== 'FILE') throw new Error(file.answer);
  expect((await bytesOf(file.content)).toString().trim().split('\r\n')).toEqual([
    expect.stringContaining('Référence de bout en bout'),
    expect.stringContaining('Pas de réponse'),
  ]);

  const settled = await settledBy(byHand, 'Employeur');
  const opened = await pages.ask('POST', '/debits/:debitId/contest', {
    params: { debitId: settled },
    form: new URLSearchParams({ remark: script }),
  });
  expect(opened).toMatchObject({ answer: 'GO', to: `/debits/${settled}` });
  expect(await textOf(await pages.ask('GET', '/debits/queue/contests'))).toContain(settled);
  const named = `insert into staff_members (subject, name, last_seen_at) values ($1, 'Amel Benali', now())`;
  await byHand.bank.db.owner.query(named, [amel]);
  const inFrench = await textOf(await pages.ask('GET', '/debits/:debitId', { params: { debitId: settled } }));
  expect([inFrench.match(/Amel Benali/g)?.length, inFrench.includes(amel)]).toEqual([2, false]);
  const page = await textOf(
    await pages.ask('GET', '/debits/:debitId', { params: { debitId: settled }, language: 'ar' }),
  );
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script');
});

test("a debit's messages stand on its page with what contradicts it, and their bytes are for auditors who see every agency", async () => {
  await using pages = await openPages();
  const debitId = await settledBy(pages.byHand, 'Employeur');
  const { owner } = pages.byHand.bank.db;
  const { rows } = await owner.query<{ message_id: string }>(
    `with sent as (
       insert into core_messages (message_id, direction, type, body)
       values (gen_random_uuid(), 'SENT', 'pacs.003.001.08', '<Document/>') returning message_id
     ), about as (
       insert into core_message_references (message_id, reference)
       select message_id, core_reference from sent, debits where debit_id = $1 returning reference
     ), received as (
       insert into core_messages (message_id, direction, type, answers, outcome, http_status, body)
       select gen_random_uuid(), 'RECEIVED', 'pacs.002.001.10', message_id, 'ANSWERED', 200, '<Answer/>' from sent
       returning message_id
     )
     insert into core_message_differences (message_id, reference, difference)
     select message_id, reference, 'OTHER_ACCOUNT' from received, about returning message_id`,
    [debitId],
  );
  const messageId = must(rows[0]).message_id;
  const params = { debitId, messageId };
  const page = await textOf(await pages.ask('GET', '/debits/:debitId', { params }));
  for (const said of ['pacs.003.001.08', 'pacs.002.001.10', 'Un autre compte que celui demandé'])
    expect(page).toContain(said);
  expect(page).not.toContain(`/messages/${messageId}`);
  const auditor = { params, roles: ['auditor'] } as const;
  expect(await textOf(await pages.ask('GET', '/debits/:debitId', auditor))).toContain(`/messages/${messageId}`);

  const path = '/debits/:debitId/messages/:messageId';
  const file = await pages.ask('GET', path, auditor);
  if (file.answer !== 'FILE') throw new Error(file.answer);
  expect((await bytesOf(file.content)).toString()).toBe('<Answer/>');
  expect(file).toMatchObject({ foreign: true, read: [{ kind: 'debit.read', subjectId: debitId }] });
  const agencies = [must((await owner.query('select agency_code from mandate_debtors')).rows[0]).agency_code];
  for (const asked of [{ ...auditor, agencies }, { params }, { ...auditor, params: { debitId, messageId: debitId } }])
    expect(await pages.ask('GET', path, asked)).toMatchObject({ answer: 'PAGE', status: 404 });
});
