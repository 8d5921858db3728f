import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DecideOutcome, Deciding } from '../src/approvals/decide.ts';
import { decideWhenReady, type Ready } from '../src/approvals/decide-when-ready.ts';
import { lookUpProposal } from '../src/approvals/look-up.ts';
import type { Proposal, ProposalId } from '../src/approvals/proposal.ts';
import type { Booking, CoreBanking, InquiryOutcome } from '../src/core-banking/port.ts';
import { type Hands, type Proposer, prepareEnding, type SaidOfDebit } from '../src/debits/by-hand.ts';
import { type Document, readDocument } from '../src/debits/evidence.ts';
import { hearing } from '../src/debits/hear.ts';
import type { ReversalHands } from '../src/debits/reversal-by-hand.ts';
import { type GatewayKey, makeDevelopmentKeys, readKeyFolder } from '../src/signing/keys.ts';
import { openSigner } from '../src/signing/sign.ts';
import { algiersDay } from '../src/values/dates.ts';
import type { DebitId, MandateId } from '../src/values/ids.ts';
import { amountOf, must, type OrderFixture, openBank, type TestBankWithGateway } from './bank.ts';
import { reversalStateOf, reversing } from './reversals.ts';

export const amel = 'officer-amel';
export const karim = 'supervisor-karim';
export const nadia = 'supervisor-nadia';
/** Of the RIBs that `ribOf` makes. */
export const agency = '00102';

/** A core that says what the test wants of what it is asked, and moves money for nobody. */
export type ToldCore = {
  debit: 'MOVES' | 'SILENT';
  reverse: 'MOVES' | 'SILENT';
  inquire: InquiryOutcome | 'AS_IT_IS';
  void: 'AS_IT_IS' | 'NO_ANSWER';
};

/** A bank with keys of its own, whose core the test can silence, and staff who end debits by hand. */
export type BankByHand = AsyncDisposable & {
  bank: TestBankWithGateway;
  hands: Hands & ReversalHands;
  keys: readonly GatewayKey[];
  says: ToldCore;
  /** A debit in doubt: the core has moved it, or never saw it. Past its expiry where `later` says. */
  inDoubt: (order: Partial<OrderFixture> & { mandateId: MandateId }, moved: boolean) => Promise<DebitId>;
  /** A settled debit whose reversal is in doubt: the core has given it back, or never saw that. */
  reversalInDoubt: (mandateId: MandateId, moved: boolean) => Promise<{ debitId: DebitId; attempt: number }>;
  /** What the core has booked under the debit's reference, or under that of its first reversal. */
  booking: (debitId: DebitId, of?: 'debits' | 'reversals') => Promise<Booking>;
  later: (seconds: number) => void;
  proposer: (proposer?: Partial<Proposer>) => Proposer;
  approve: (
    proposalId: ProposalId,
    approver?: Partial<Deciding>,
    prepare?: (hands: Hands & ReversalHands, proposal: Proposal) => Promise<Ready>,
  ) => Promise<DecideOutcome>;
  row: (debitId: DebitId) => Promise<Record<string, unknown>>;
};

export const issuer = { issuer: 'https://gateway.bank.example', environment: 'test' };
export const paper: Document = must(readDocument(Buffer.from('%PDF-1.7 the core banking system says')));
export const typed = (amount: string, booking: Partial<Booking> = {}): Extract<SaidOfDebit, { kind: 'BOOKING' }> => ({
  kind: 'BOOKING',
  booking: {
    bookingReference: 'PAPER-1',
    executedAt: new Date(),
    bookingDate: algiersDay(new Date()),
    valueDate: algiersDay(new Date()),
    amount: amountOf(amount),
    ...booking,
  },
});

export async function openBankByHand(): Promise<BankByHand> {
  const bank = await openBank();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'by-hand-keys-'));
  await makeDevelopmentKeys(folder, new Date('2020-01-01T00:00:00Z'));
  const keys = await readKeyFolder(folder);
  const says: ToldCore = { debit: 'SILENT', reverse: 'SILENT', inquire: 'AS_IT_IS', void: 'AS_IT_IS' };
  const core: CoreBanking = {
    ...bank.core,
    debit: async (instructions) => {
      if (says.debit === 'MOVES') await bank.core.debit(instructions);
      return instructions.map(() => ({ outcome: 'IN_DOUBT' }));
    },
    reverse: async (instructions) => {
      if (says.reverse === 'MOVES') await bank.core.reverse(instructions);
      return instructions.map(() => ({ outcome: 'IN_DOUBT' }));
    },
    inquire: async (references) =>
      says.inquire === 'AS_IT_IS' ? bank.core.inquire(references) : references.map(() => said(says)),
    void: async (references) =>
      says.void === 'AS_IT_IS' ? bank.core.void(references) : references.map(() => ({ outcome: 'NO_ANSWER' })),
  };
  const sign = openSigner({ keys, ...issuer, now: bank.clock.now });
  const { reverse, stepsWith } = reversing(bank);
  const hands: Hands & ReversalHands = {
    db: bank.db.gateway,
    steps: hearing(bank.db.gateway, bank.stepsWith({ coreBanking: core, sign })),
    reversing: stepsWith({ coreBanking: core, sign }),
  };
  return {
    bank,
    hands,
    keys,
    says,
    async inDoubt(order, moved) {
      says.debit = moved ? 'MOVES' : 'SILENT';
      const outcome = await bank.debit(order, hands.steps);
      if (outcome.outcome !== 'DEBIT' || outcome.debit.state !== 'IN_DOUBT') throw new Error('not in doubt');
      return outcome.debit.debitId;
    },
    async reversalInDoubt(mandateId, moved) {
      const settled = await bank.debit({ mandateId }, bank.stepsWith({ sign }));
      if (settled.outcome !== 'DEBIT' || settled.debit.state !== 'SETTLED') throw new Error('not settled');
      says.reverse = moved ? 'MOVES' : 'SILENT';
      const { endToEndId, debitId } = settled.debit;
      const outcome = await reverse({ endToEndId }, hands.reversing);
      if (reversalStateOf(outcome) !== 'IN_DOUBT') throw new Error('not in doubt');
      return { debitId, attempt: 1 };
    },
    async booking(debitId, of = 'debits') {
      const { rows } = await bank.db.owner.query(`select core_reference from ${of} where debit_id = $1`, [debitId]);
      const [answer] = await bank.core.inquire([rows[0]?.core_reference]);
      if (answer?.outcome !== 'MOVED') throw new Error('it has not moved');
      return answer.booking;
    },
    later(seconds) {
      bank.clock.set(new Date(bank.clock.now().getTime() + seconds * 1000));
    },
    proposer: (proposer = {}) => ({
      by: amel,
      from: '10.0.0.7',
      agencies: 'ALL',
      reason: 'The core banking desk sent its paper',
      now: bank.clock.now(),
      ...proposer,
    }),
    async approve(proposalId, approver = {}, prepare = prepareEnding) {
      const { contentHash } = must(await lookUpProposal(bank.db.gateway, proposalId, 'ALL'));
      const deciding: Deciding = {
        proposalId,
        by: karim,
        from: '10.0.0.8',
        agencies: 'ALL',
        seenHash: contentHash,
        decision: 'APPROVE',
        now: bank.clock.now(),
        ...approver,
      };
      return decideWhenReady(bank.db.gateway, deciding, (proposal) => prepare(hands, proposal));
    },
    async row(debitId) {
      const { rows } = await bank.db.owner.query('select * from debits where debit_id = $1', [debitId]);
      return must(rows[0]);
    },
    async [Symbol.asyncDispose]() {
      await bank[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const said = ({ inquire }: ToldCore): InquiryOutcome => (inquire === 'AS_IT_IS' ? { outcome: 'NO_ANSWER' } : inquire);
