import { expect, test } from 'vitest';
import { cnas, must } from '../../test/bank.ts';
import { amel, type BankByHand, issuer, karim, nadia, openBankByHand, paper } from '../../test/by-hand.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import type { Booking } from '../core-banking/port.ts';
import { verificationKeysOf } from '../signing/keys.ts';
import type { DebitId, MandateId } from '../values/ids.ts';
import { maskRib, type Rib } from '../values/rib.ts';
import { type Contradiction, selectContradictionsOf, selectWaitingContradictions } from './contradiction.sql.ts';
import { prepareContradictionEnd, proposeContradictionEnd } from './end-contradiction.ts';
import { readDebit } from './lookup.sql.ts';
import { readProof } from './proof.ts';

/** A debit whose rejection was signed, and whose money the core then moved all the same. */
async function contradicted(
  byHand: BankByHand,
  declaration: string,
): Promise<{ debitId: DebitId; mandateId: MandateId; met: Contradiction; booking: Booking }> {
  const { bank, hands, says } = byHand;
  const mandateId = await bank.addMandate();
  const debitId = await byHand.inDoubt({ mandateId, declaration }, true);
  const booking = await byHand.booking(debitId);
  // The core forgets for a moment, which no core may: the rejection is signed, and then it is asked again.
  const { rows } = await bank.db.owner.query(
    `with signed as (
       insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
       values (gen_random_uuid(), 'CNAS', 'debit-rejection+jwt', $1, 'key', now(), 'a.b.c') returning jti
     ), freed as (
       update mandate_usage set month_used = 0, quarter_used = 0, year_used = 0 where chain_id = $2
     ), let_go as (
       update declarations set live = 0 where reference = $3
     )
     update debits set state = 'REJECTED', reason = 'AB03', shown_reason = 'AB03', rejection_jti = (select jti from signed),
            holds_ceiling = false, holds_declaration = false, ended_at = now()
      where debit_id = $1 returning rejection_jti`,
    [debitId, mandateId, declaration],
  );
  expect(rows).toHaveLength(1);
  says.inquire = 'AS_IT_IS';
  await hands.steps.contradict(debitId, booking);
  const [met] = await selectContradictionsOf(bank.db.gateway, debitId);
  return { debitId, mandateId, met: must(met), booking };
}

const counters = async (byHand: BankByHand, mandateId: MandateId, declaration: string) => {
  const { rows } = await byHand.bank.db.owner.query(
    'select month_used, quarter_used, year_used, live, contradicted from mandate_usage, declarations where chain_id = $1 and reference = $2',
    [mandateId, declaration],
  );
  return rows[0];
};

const held = {
  month_used: '12500000',
  quarter_used: '12500000',
  year_used: '12500000',
  live: '0',
  contradicted: '12500000',
};
const free = { month_used: '0', quarter_used: '0', year_used: '0', live: '0', contradicted: '0' };

test("a contradiction ends by the core's return booking: two people, and ceiling and declaration are free again", async () => {
  await using byHand = await openBankByHand();
  const { hands, bank } = byHand;
  const { debitId, mandateId, met, booking } = await contradicted(byHand, 'DAC-R');
  expect(await counters(byHand, mandateId, 'DAC-R')).toEqual(held);
  const back: Booking = { ...booking, bookingReference: 'RETURN-7', executedAt: bank.clock.now() };
  const said = { kind: 'RETURN', contradictionId: met.contradictionId, booking: back } as const;
  const propose = (more: Partial<Booking>) =>
    proposeContradictionEnd(hands, { ...said, booking: { ...back, ...more } }, paper, byHand.proposer());
  expect(
    await propose({ amount: must(met.amount) === 0n ? back.amount : ((back.amount + 1n) as typeof back.amount) }),
  ).toEqual({ outcome: 'FAULTS', faults: ['AMOUNT'] });
  // The very booking that was met is no return of it.
  expect(await propose({ bookingReference: booking.bookingReference })).toEqual({
    outcome: 'FAULTS',
    faults: ['BOOKING_REFERENCE'],
  });
  const proposed = await propose({});
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId, { by: amel }, prepareContradictionEnd)).toEqual({
    outcome: 'SAME_PERSON',
  });
  const both = await Promise.all(
    [karim, nadia].map((by) => byHand.approve(proposed.proposalId, { by }, prepareContradictionEnd)),
  );
  expect(both.filter(({ outcome }) => outcome === 'DECIDED')).toHaveLength(1);
  expect(await counters(byHand, mandateId, 'DAC-R')).toEqual(free);
  expect(await byHand.row(debitId)).toMatchObject({ state: 'REJECTED' });
  expect(await selectContradictionsOf(bank.db.gateway, debitId)).toMatchObject([{ ending: 'RETURNED', holds: false }]);
  expect(await selectWaitingContradictions(bank.db.gateway, 'ALL', { limit: 10 })).toEqual([]);
  // Met again it is the same, and holds nothing any more.
  await hands.steps.contradict(debitId, booking);
  expect(await counters(byHand, mandateId, 'DAC-R')).toEqual(free);
});

test('a correcting confirmation names the rejection, makes the debit SETTLED, and moves what was held into its own', async () => {
  await using byHand = await openBankByHand();
  const { hands, bank } = byHand;
  const { debitId, mandateId, met, booking } = await contradicted(byHand, 'DAC-C');
  const rejectionJti = (await byHand.row(debitId)).rejection_jti;
  const said = { kind: 'CORRECTION', contradictionId: met.contradictionId, booking } as const;
  const proposed = await proposeContradictionEnd(hands, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId, {}, prepareContradictionEnd)).toMatchObject({ outcome: 'DECIDED' });
  const debit = await readDebit(bank.db.gateway, debitId);
  expect(debit).toMatchObject({
    state: 'SETTLED',
    holdsDeclaration: true,
    settled: { bookingReference: booking.bookingReference },
  });
  const reading = await readProof(must(debit.confirmation), 'settlement-confirmation+jwt', {
    ...issuer,
    creditor: cnas,
    endToEndId: debit.endToEndId,
    keyOf: verificationKeysOf(byHand.keys, 'confirmations'),
  });
  expect(reading).toMatchObject({ outcome: 'GENUINE', claims: { corrects: rejectionJti } });
  // The rejection that was signed stays as it was.
  expect(debit.rejection).toBe('a.b.c');
  expect(await counters(byHand, mandateId, 'DAC-C')).toEqual({ ...held, live: '12500000', contradicted: '0' });
  const { rows } = await bank.db.owner.query(
    "select kind, from_state, to_state, reason, side, actor from journal where subject_id = $1 and (kind like 'contradiction.ended' or kind = 'debit.corrected') order by entry_id",
    [debitId],
  );
  expect(rows).toEqual([
    { kind: 'debit.corrected', from_state: 'REJECTED', to_state: 'SETTLED', reason: null, side: 'bank', actor: karim },
    {
      kind: 'contradiction.ended',
      from_state: 'SETTLED',
      to_state: 'SETTLED',
      reason: 'CORRECTED',
      side: 'bank',
      actor: karim,
    },
  ]);
});

test('a correcting confirmation names the account that was credited, whatever account the creditor has since', async () => {
  await using byHand = await openBankByHand();
  const { hands, bank } = byHand;
  const { debitId, met, booking } = await contradicted(byHand, 'DAC-A');
  const { rows } = await bank.db.owner.query<{ collection_account: Rib }>(
    "select collection_account from creditors where creditor_code = 'CNAS'",
  );
  const before = must(rows[0]).collection_account;
  const after = ribOf(9_000_002);
  await bank.db.gateway.query("update creditors set collection_account = $1 where creditor_code = 'CNAS'", [after]);
  const said = { kind: 'CORRECTION', contradictionId: met.contradictionId, booking } as const;
  const proposed = await proposeContradictionEnd(hands, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  expect(await byHand.approve(proposed.proposalId, {}, prepareContradictionEnd)).toMatchObject({ outcome: 'DECIDED' });
  const { confirmation } = await readDebit(bank.db.gateway, debitId);
  const [, claims = ''] = must(confirmation).split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ creditedAccount: maskRib(before) });
});

test('a rejection is not corrected where another debit has paid the declaration since: nothing changes', async () => {
  await using byHand = await openBankByHand();
  const { hands, bank } = byHand;
  const { debitId, mandateId, met, booking } = await contradicted(byHand, 'DAC-P');
  const said = { kind: 'CORRECTION', contradictionId: met.contradictionId, booking } as const;
  const proposed = await proposeContradictionEnd(hands, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  await bank.db.owner.query("update declarations set live = declared where reference = 'DAC-P'");
  expect(await byHand.approve(proposed.proposalId, {}, prepareContradictionEnd)).toEqual({
    outcome: 'IMPOSSIBLE',
    why: 'DECLARATION_PAID',
  });
  expect(await byHand.row(debitId)).toMatchObject({ state: 'REJECTED', confirmation_jti: null });
  expect(await counters(byHand, mandateId, 'DAC-P')).toEqual({ ...held, live: '12500000' });
});

test('a core that no longer says that the money moved stops the correction', async () => {
  await using byHand = await openBankByHand();
  const { hands, says } = byHand;
  const { debitId, met, booking } = await contradicted(byHand, 'DAC-S');
  const said = { kind: 'CORRECTION', contradictionId: met.contradictionId, booking } as const;
  const proposed = await proposeContradictionEnd(hands, said, paper, byHand.proposer());
  if (proposed.outcome !== 'PROPOSED') throw new Error(proposed.outcome);
  says.inquire = { outcome: 'REFUSED', reason: 'AM04' };
  expect(await byHand.approve(proposed.proposalId, {}, prepareContradictionEnd)).toEqual({
    outcome: 'IMPOSSIBLE',
    why: 'CORE_REFUSED',
  });
  expect(await byHand.row(debitId)).toMatchObject({ state: 'REJECTED' });
});

test('the queue of contradictions, page by page, neither loses nor repeats one', async () => {
  await using byHand = await openBankByHand();
  const { db } = byHand.bank;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, false);
  await db.owner.query(
    `insert into contradictions (contradiction_id, debit_id, creditor_code, found_at, kind, booking_reference, amount, executed_at)
     select gen_random_uuid(), $1, 'CNAS', now() + (number / 2) * interval '300 microseconds', 'OTHER_BOOKING', 'B-' || number, 1, now()
       from generate_series(1, 7) as number`,
    [debitId],
  );
  const seen: string[] = [];
  for (let after: Contradiction | undefined, turn = 0; turn < 20; turn += 1) {
    const page = await selectWaitingContradictions(db.gateway, ['00102'], { after, limit: 2 });
    seen.push(...page.map(({ said }) => said?.bookingReference ?? ''));
    after = page.at(-1);
    if (after === undefined) break;
  }
  expect(seen.toSorted()).toEqual(['B-1', 'B-2', 'B-3', 'B-4', 'B-5', 'B-6', 'B-7']);
});
