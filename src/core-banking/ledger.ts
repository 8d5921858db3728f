import { databaseFault, isUniqueViolation } from '../database/faults.ts';
import type { Queryable } from '../database/queryable.ts';
import {
  bookTransfers,
  plantTombstones,
  selectAccount,
  selectBookings,
  selectMovements,
  type Transfer,
  type TransferKind,
} from './ledger.sql.ts';
import type { CoreBanking, DebitInstruction, MoveOutcome, ReversalInstruction } from './port.ts';

export type LedgerOptions = {
  /** Told of each fault that was turned into an outcome: no answer, or one item's data that the books can't hold. */
  onFault?: (fault: unknown) => void;
};

/**
 * The embedded core banking system: a double-entry ledger in Postgres. It is a foreign system: `db` is its own pool,
 * with its own role, never a connection inside a debit's transaction.
 */
export function ledgerCoreBanking(db: Queryable, { onFault = () => undefined }: LedgerOptions = {}): CoreBanking {
  const book = (kind: TransferKind, transfers: readonly Transfer[]): Promise<MoveOutcome[]> =>
    decide(transfers, roundsOf(transfers), (set) => bookTransfers(db, kind, set), { outcome: 'IN_DOUBT' }, onFault);
  return {
    properties: { memory: 'FOR_EVER', keepsRefusals: true, honoursNotAfter: true, canVoid: true },
    debit: (instructions) => book('DEBIT', instructions.map(debitTransfer)),
    reverse: (instructions) => book('REVERSAL', instructions.map(reversalTransfer)),
    inquire: (references) =>
      decide(references, [references], (set) => selectBookings(db, set), { outcome: 'NO_ANSWER' }, onFault),
    void: (references) =>
      decide(references, [references], (set) => plantTombstones(db, set), { outcome: 'NO_ANSWER' }, onFault),
    async lookUpAccount(rib) {
      const [outcome] = await decide(
        [rib],
        [[rib]],
        async () => [await selectAccount(db, rib)],
        { outcome: 'UNREACHABLE' },
        onFault,
      );
      return outcome ?? { outcome: 'UNREACHABLE' };
    },
    movements: (day) => selectMovements(db, day),
  };
}

const debitTransfer = ({ reference, debtor, creditor, amount, notAfter }: DebitInstruction): Transfer => ({
  reference,
  debtor,
  creditor,
  amount,
  notAfter,
  original: null,
});

/** The way back: what the original credited is debited. */
const reversalTransfer = (instruction: ReversalInstruction): Transfer => ({
  ...debitTransfer(instruction),
  debtor: instruction.creditor,
  creditor: instruction.debtor,
  original: instruction.original,
});

/**
 * Sets in which no two share a reference or a debited account, to run one after the other: within a set each is weighed
 * against the balance before the set. Callers keep such items apart already; here it is made sure of.
 */
function roundsOf(transfers: readonly Transfer[]): Transfer[][] {
  const rounds: Transfer[][] = [];
  const nextRound = new Map<string, number>();
  for (const transfer of transfers) {
    const keys = [transfer.reference, transfer.debtor];
    const round = Math.max(...keys.map((key) => nextRound.get(key) ?? 0));
    rounds[round] = [...(rounds[round] ?? []), transfer];
    for (const key of keys) nextRound.set(key, round + 1);
  }
  return rounds;
}

/**
 * Runs set after set and answers in the order asked. One item's data error reruns its set one by one and is then that
 * item's silence alone; where the ledger does not answer, all that is not yet decided is silence. The rest throws.
 */
async function decide<Item, Outcome>(
  items: readonly Item[],
  sets: readonly (readonly Item[])[],
  run: (set: readonly Item[]) => Promise<Outcome[]>,
  silence: Outcome,
  onFault: (fault: unknown) => void,
): Promise<Outcome[]> {
  const answers = new Map<Item, Outcome>();
  const waiting = sets.filter((set) => set.length > 0);
  for (let set = waiting.shift(); set !== undefined; set = waiting.shift()) {
    try {
      const outcomes = await rerun(run, set);
      if (outcomes.length !== set.length) throw new Error(`${outcomes.length} outcomes for ${set.length} items`);
      for (const [position, item] of set.entries()) answers.set(item, outcomes[position] ?? silence);
    } catch (fault) {
      const kind = databaseFault(fault);
      if (kind === 'OTHER') throw fault;
      if (kind === 'ITEM' && set.length > 1) {
        waiting.unshift(...set.map((item) => [item]));
        continue;
      }
      onFault(fault);
      if (kind !== 'ITEM') break;
    }
  }
  return items.map((item) => answers.get(item) ?? silence);
}

const tries = 5;

/** Again after a deadlock, and after a race for a reference: the next run sees who was first. */
async function rerun<Item, Outcome>(
  run: (set: readonly Item[]) => Promise<Outcome[]>,
  set: readonly Item[],
): Promise<Outcome[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(set);
    } catch (fault) {
      const passes = databaseFault(fault) === 'AGAIN' || isUniqueViolation(fault);
      if (!passes || attempt === tries) throw fault;
    }
  }
}
