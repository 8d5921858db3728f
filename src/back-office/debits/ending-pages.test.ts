import { expect, test } from 'vitest';
import { must } from '../../../test/bank.ts';
import { paper } from '../../../test/by-hand.ts';
import { openPages, textOf } from '../../../test/debit-pages.ts';
import { lookUpProposal } from '../../approvals/look-up.ts';
import { parseProposalId } from '../../approvals/proposal.ts';
import { prepareContradictionEnd } from '../../debits/end-contradiction.ts';
import { prepareReversalEnding } from '../../debits/reversal-by-hand.ts';
import type { PageAnswer } from '../page.ts';
import { debitKinds } from './kinds.ts';

type Pages = Awaited<ReturnType<typeof openPages>>;
const languages = ['fr', 'en', 'ar'] as const;
const uploads = new Map([['document', { name: 'piece.pdf', bytes: paper.bytes }]]);

/** What the second person reads before approving, in every language; and the proposal's name. */
async function proposalIn(pages: Pages, answer: PageAnswer) {
  if (answer.answer !== 'GO') throw new Error(await textOf(answer));
  const proposalId = must(parseProposalId(answer.to.split('/').at(-1) ?? ''));
  const proposal = must(await lookUpProposal(pages.parts.db, proposalId, 'ALL'));
  const kind = must(debitKinds(pages.parts).find((one) => one.kind === proposal.kind));
  const said: string[] = [];
  for (const language of languages) {
    const { rows } = await kind.describe(pages.visit({ language }), proposal);
    said.push((await Promise.all(rows.map(async ({ value }) => String(await value)))).join('\n'));
  }
  return { proposalId, said };
}

test('a reversal in doubt is ended from the page of its debit: the paper, the second person, and both confirmations', async () => {
  await using pages = await openPages();
  const { byHand } = pages;
  const { debitId } = await byHand.reversalInDoubt(await byHand.bank.addMandate(), true);
  const page = await textOf(await pages.ask('GET', '/debits/:debitId', { params: { debitId } }));
  expect(page).toContain(`/debits/${debitId}/reversals/1/ending`);
  // Who only looks is not offered it.
  const looked = await pages.ask('GET', '/debits/:debitId', { params: { debitId }, roles: ['auditor'] });
  expect(await textOf(looked)).not.toContain('/reversals/1/ending');

  const path = '/debits/:debitId/reversals/:attempt/ending';
  const params = { debitId, attempt: '1' };
  for (const language of languages)
    expect(await textOf(await pages.ask('GET', path, { params, language }))).toContain('value="BOOKING"');
  for (const asked of [{ params, agencies: ['00999'] }, { params: { debitId, attempt: '2' } }])
    expect(await pages.ask('GET', path, asked)).toMatchObject({ answer: 'PAGE', status: 404 });

  const { bookingReference, bookingDate, valueDate, executedAt } = await byHand.booking(debitId, 'reversals');
  const [day = '', time = ''] = new Date(executedAt.getTime() + 3_600_000).toISOString().split(/[T.]/);
  const fields = {
    ...{ kind: 'BOOKING', bookingReference, bookingDate, valueDate, executedOn: day, executedTime: time },
    remark: 'Pièce reçue',
  };
  const send = (amount: string) =>
    pages.ask('POST', path, { params, form: new URLSearchParams({ ...fields, amount }), uploads });
  expect(await send('1,00')).toMatchObject({ status: 422 });
  const { proposalId, said } = await proposalIn(pages, await send('125 000,00'));
  for (const text of said) expect(text).toContain(bookingReference);
  expect(said[0]).toContain('Restitution, tentative 1');
  expect(await byHand.approve(proposalId, {}, prepareReversalEnding)).toMatchObject({ outcome: 'DECIDED' });

  const ended = await textOf(await pages.ask('GET', '/debits/:debitId', { params: { debitId } }));
  for (const text of ['Restitution terminée à la main', 'Confirmation de restitution']) expect(ended).toContain(text);
  expect(await pages.ask('GET', path, { params })).toMatchObject({ status: 409 });
});

test('an answer that was never believed waits while its debit is in doubt, then ends by an explanation of what stands alone', async () => {
  await using pages = await openPages();
  const { byHand } = pages;
  const { owner } = byHand.bank.db;
  const { debitId } = await byHand.reversalInDoubt(await byHand.bank.addMandate(), true);
  const contradictionOf = async (reversal: 'null' | 'reversal_id') => {
    const inserted = await owner.query<{ contradiction_id: string }>(
      `insert into contradictions (contradiction_id, debit_id, creditor_code, kind, reversal_id)
       select gen_random_uuid(), debit_id, creditor_code, 'OTHER_ACCOUNT', ${reversal} from reversals returning contradiction_id`,
    );
    return must(inserted.rows[0]).contradiction_id;
  };
  const path = '/debits/:debitId/contradictions/:contradictionId';
  // Of the reversal, which is in doubt: there is nothing to fill in yet.
  const waiting = { debitId, contradictionId: await contradictionOf('reversal_id') };
  for (const language of languages) {
    const answer = await pages.ask('GET', path, { params: waiting, language });
    expect(answer).toMatchObject({ status: 409 });
    expect(await textOf(answer)).not.toContain('type="file"');
  }

  const params = { debitId, contradictionId: await contradictionOf('null') };
  const form = await textOf(await pages.ask('GET', path, { params }));
  expect(form).toContain('value="EXPLANATION-MOVED"');
  for (const other of ['EXPLANATION-REFUSED', 'EXPLANATION-VOIDED', 'RETURN', 'CORRECTION'])
    expect(form).not.toContain(`value="${other}"`);
  const { bookingReference } = await byHand.booking(debitId);
  const send = (kind: string, named: string) =>
    pages.ask('POST', path, {
      params,
      form: new URLSearchParams({ kind, bookingReference: named, remark: 'Pièce reçue' }),
      uploads,
    });
  expect(await send('EXPLANATION-REFUSED', '')).toMatchObject({ status: 422 });
  const other = await send('EXPLANATION-MOVED', 'B-OTHER');
  expect(await textOf(other)).toContain('exactement celle qui a été confirmée');
  const { proposalId, said } = await proposalIn(pages, await send('EXPLANATION-MOVED', bookingReference));
  for (const text of said) expect(text).toContain(bookingReference);
  expect(said[0]).toContain('Un autre compte que celui demandé');
  expect(await byHand.approve(proposalId, {}, prepareContradictionEnd)).toMatchObject({ outcome: 'DECIDED' });
  for (const [language, text] of [
    ['fr', 'Expliquée par le système bancaire central'],
    ['en', 'Explained by the core banking system'],
    ['ar', 'شرحها النظام البنكي المركزي'],
  ] as const)
    expect(await textOf(await pages.ask('GET', '/debits/:debitId', { language, params: { debitId } }))).toContain(text);
  const queue = await textOf(await pages.ask('GET', '/debits/queue/contradictions'));
  expect(queue).toContain('Restitution, tentative 1');
});
