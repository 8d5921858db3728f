import { expect, test } from 'vitest';
import { cnas, must } from '../../test/bank.ts';
import {
  hidhab,
  type MandateBank,
  morning,
  officer,
  openMandateBank,
  otherSupervisor,
  supervisor,
} from '../../test/mandates.ts';
import { decide } from '../approvals/decide.ts';
import { lookUpProposal } from '../approvals/look-up.ts';
import type { ProposalId } from '../approvals/proposal.ts';
import type { MandateId } from '../values/ids.ts';
import { applyAct, type BankAct, type ProposingAct, possibleActs, proposeAct } from './bank-acts.ts';
import { viewMandate } from './look-up.ts';
import { mandateResource } from './representation.ts';

const from = '192.0.2.7';
const remark = 'Seizure order 77 of the court of Sétif against M. Bensalem';

function asked(mandateId: MandateId, act: BankAct, change: Partial<ProposingAct> = {}): ProposingAct {
  return {
    mandateId,
    act,
    reason: 'employer-request',
    remark,
    by: officer,
    from,
    agencies: ['00102'],
    now: morning,
    ...change,
  };
}

async function proposed(bank: MandateBank, mandateId: MandateId, act: BankAct): Promise<ProposalId> {
  const outcome = await proposeAct(bank.pool, asked(mandateId, act));
  if (outcome.outcome !== 'PROPOSED') throw new Error(outcome.outcome);
  return outcome.proposalId;
}

async function approve(bank: MandateBank, proposalId: ProposalId, act: BankAct, by = supervisor, now = morning) {
  const { contentHash } = must(await lookUpProposal(bank.pool, proposalId, 'ALL'));
  const deciding = {
    proposalId,
    by,
    from,
    agencies: 'ALL' as const,
    seenHash: contentHash,
    decision: 'APPROVE' as const,
    now,
  };
  return decide(bank.pool, deciding, applyAct(act));
}

async function done(bank: MandateBank, mandateId: MandateId, act: BankAct): Promise<void> {
  expect(await approve(bank, await proposed(bank, mandateId, act), act)).toMatchObject({ outcome: 'DECIDED' });
}

test('a mandate is suspended, resumed and revoked by two people, and the journal names both and the creditor’s reason', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const proposalId = await proposed(bank, mandateId, 'suspension');
  expect((await bank.file(mandateId)).state).toBe('ACTIVE');
  await approve(bank, proposalId, 'suspension');
  expect(await bank.file(mandateId)).toMatchObject({ state: 'SUSPENDED', mandate: { suspendedByBank: true } });
  await done(bank, mandateId, 'resumption');
  expect((await bank.file(mandateId)).state).toBe('ACTIVE');
  await done(bank, mandateId, 'revocation');
  expect((await bank.journalOf(mandateId)).slice(-3)).toEqual([
    'mandate.suspended ACTIVE > SUSPENDED bank',
    'mandate.resumed SUSPENDED > ACTIVE bank',
    'mandate.revoked ACTIVE > REVOKED bank',
  ]);
  const { rows } = await bank.db.owner.query(
    "select actor, reason, detail from journal where kind = 'mandate.suspended' and subject_id = $1",
    [mandateId],
  );
  expect(rows).toEqual([
    { actor: supervisor, reason: 'employer-request', detail: { from, proposal: proposalId, proposedBy: officer } },
  ]);
});

test('the creditor is told the code and never the remark, which stands in no journal row', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  await done(bank, mandateId, 'suspension');
  const { mandate, remarks } = await bank.file(mandateId);
  expect(remarks).toMatchObject([{ about: 'suspension', writtenBy: officer, remark }]);
  const shown = mandateResource(await viewMandate(bank.pool, mandate, morning));
  expect(mandate.creditor).toBe(cnas);
  expect(shown.history?.at(-1)).toMatchObject({ to: 'SUSPENDED', reason: 'employer-request', side: 'BANK' });
  const told = JSON.stringify(shown);
  for (const secret of ['Seizure', officer, supervisor, from, 'Bensalem']) expect(told).not.toContain(secret);
  const { rows } = await bank.db.owner.query("select from journal where journal::text like '%Seizure%'");
  expect(rows).toHaveLength(0);
});

test('an act and its approval commit together: of two who approve at once one revokes, once', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const proposalId = await proposed(bank, mandateId, 'revocation');
  const outcomes = await Promise.all(
    [supervisor, otherSupervisor].map((by) => approve(bank, proposalId, 'revocation', by)),
  );
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['DECIDED', 'ENDED']);
  expect((await bank.journalOf(mandateId)).filter((row) => row.startsWith('mandate.revoked'))).toHaveLength(1);
  const { rows } = await bank.db.owner.query<{ transactions: number }>(
    `select count(distinct transaction_id)::integer as transactions from journal where kind in ('proposal.approved', 'mandate.revoked')`,
  );
  expect(rows[0]?.transactions).toBe(1);
  expect((await bank.file(mandateId)).remarks).toHaveLength(1);
});

test('what the mandate no longer allows is not done, and its approval is not stored', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const suspension = await proposed(bank, mandateId, 'suspension');
  await done(bank, mandateId, 'revocation');
  expect(await approve(bank, suspension, 'suspension')).toEqual({ outcome: 'IMPOSSIBLE', why: 'REVOKED' });
  expect((await lookUpProposal(bank.pool, suspension, 'ALL'))?.state).toBe('WAITING');
  expect(await proposeAct(bank.pool, asked(mandateId, 'resumption'))).toEqual({
    outcome: 'NOT_POSSIBLE',
    state: 'REVOKED',
  });
});

test('the same person can’t propose and approve, and another agency’s mandate is as unknown as one that is not there', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const proposalId = await proposed(bank, mandateId, 'revocation');
  expect(await approve(bank, proposalId, 'revocation', officer)).toEqual({ outcome: 'SAME_PERSON' });
  expect((await bank.file(mandateId)).state).toBe('ACTIVE');
  expect(await proposeAct(bank.pool, asked(mandateId, 'suspension', { agencies: ['00103'] }))).toEqual({
    outcome: 'NOT_FOUND',
  });
  expect(await proposeAct(bank.pool, asked(mandateId, 'revocation', { by: otherSupervisor }))).toEqual({
    outcome: 'ALREADY_WAITING',
    proposalId,
  });
  expect(hidhab.rib.slice(3, 8)).toBe('00102');
});

test('only what its state allows can be proposed', async () => {
  await using bank = await openMandateBank();
  const acts = async (mandateId: MandateId) => {
    const { mandate, state } = await bank.file(mandateId);
    return possibleActs(mandate, state);
  };
  const draft = await bank.enter();
  const certified = await bank.certified();
  const accepted = await bank.accepted();
  expect([await acts(draft), await acts(certified), await acts(accepted)]).toEqual([
    [],
    ['revocation'],
    ['suspension', 'revocation'],
  ]);
  await done(bank, accepted, 'suspension');
  expect(await acts(accepted)).toEqual(['resumption', 'revocation']);
});

test('the database holds the bank’s flag to a proposal that was approved just then: no other code raises or lowers it', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const other = await bank.accepted({ employerNumber: '1681924865' });
  const lower = `update mandates set state = 'ACTIVE', suspended_by_bank = false where mandate_id = $1`;
  const raise = `update mandates set state = 'SUSPENDED', suspended_by_bank = true, bank_act_as = $2 where mandate_id = $1`;
  const proposalId = await proposed(bank, mandateId, 'suspension');
  for (const as of [null, proposalId])
    await expect(bank.pool.query(raise, [mandateId, as])).rejects.toThrow('this needs two people');
  expect(await approve(bank, proposalId, 'suspension')).toMatchObject({ outcome: 'DECIDED' });
  await expect(bank.pool.query(lower, [mandateId])).rejects.toThrow('this needs two people');
  await done(bank, mandateId, 'resumption');
  // Nor does an approval serve twice, or for another mandate.
  for (const one of [mandateId, other])
    await expect(bank.pool.query(raise, [one, proposalId])).rejects.toThrow('this needs two people');
  // What is suspended stays so in what replaces it, and is resumed there by two people again.
  await done(bank, mandateId, 'suspension');
  const replacement = await bank.accepted({ replaces: mandateId });
  expect(await bank.file(replacement)).toMatchObject({ state: 'SUSPENDED', mandate: { suspendedByBank: true } });
  await done(bank, replacement, 'resumption');
  await expect(bank.pool.query(raise, [replacement, null])).rejects.toThrow('this needs two people');
});
