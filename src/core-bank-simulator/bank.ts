import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import type { AccountOutcome, CoreBanking } from '../core-banking/port.ts';
import { batched } from '../database/batched.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CoreReference } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';
import { type Entry, insertRefusals, selectEntries } from './books.sql.ts';
import type { BusKind } from './kind.ts';
import { movedNames, placeNames, recallNames } from './names.sql.ts';
import type { Instruction } from './read-request.ts';

/** What the bus says of a reference. OTHER_CONTENT: it stands for another instruction, and nothing was done. */
export type Standing =
  | { standing: 'UNKNOWN' }
  | { standing: 'OTHER_CONTENT'; entry: Entry }
  | { standing: 'STORED'; entry: Entry };

/** The bank behind the bus: the ledger, of the kind that is set at that moment. Rejects where its database does not answer. */
export type Bank = {
  book: (instructions: readonly Instruction[]) => Promise<Standing[]>;
  /** Refuses what nothing was decided on yet; what was, stays as it is. */
  refuse: (instructions: readonly Instruction[], reason: ReasonCode) => Promise<void>;
  inquire: (references: readonly CoreReference[]) => Promise<Standing[]>;
  /** True: it can't move any more. */
  cancel: (references: readonly CoreReference[]) => Promise<boolean[]>;
  account: (rib: Rib) => Promise<AccountOutcome>;
};

const always = new Date('0001-01-01T00:00:00Z');
const never = new Date('9999-12-31T00:00:00Z');

export function openBank(db: Queryable, kindNow: () => BusKind): Bank {
  const place = (instructions: readonly Instruction[]) => placeNames(db, kindNow(), instructions);
  const bookSet = async (instructions: readonly Instruction[]): Promise<Standing[]> => {
    const names = await place(instructions);
    const originals = await originalNames(db, instructions);
    const { honoursNotAfter } = kindNow();
    const orders = instructions.map(({ debtor, creditor, amount, notAfter }, position) => ({
      ...{ reference: at(names, position), debtor, creditor, amount },
      // A bus is not told it.
      notBefore: always,
      notAfter: honoursNotAfter ? (notAfter ?? never) : never,
    }));
    const outcomes = await answered(db, async (ledger) => {
      if (originals === undefined) return ledger.debit(orders);
      return ledger.reverse(orders.map((order, position) => ({ ...order, original: at(originals, position) })));
    });
    const entries = await selectEntries(db, names);
    return outcomes.map(({ outcome }, position) => standingOf(outcome === 'IN_DOUBT', entries[position]));
  };
  const bookDebit = batched(bookSet, { keysOf: ({ reference, debtor }) => [reference, debtor] });
  const bookReversal = batched(bookSet, { keysOf: ({ reference, creditor }) => [reference, creditor] });
  return {
    // In the order of the document wherever two share an account, and together with those of other messages.
    book: (instructions) =>
      Promise.all(instructions.map((one) => (one.original === null ? bookDebit(one) : bookReversal(one)))),
    async refuse(instructions, reason) {
      const names = await place(instructions);
      const originals = await originalNames(db, instructions);
      const refusals = instructions.map(({ debtor, creditor, amount }, position) => {
        const ordered = { ledgerName: at(names, position), amount, reason };
        return originals === undefined
          ? { ...ordered, kind: 'DEBIT' as const, debtor, creditor, original: null }
          : {
              ...ordered,
              kind: 'REVERSAL' as const,
              debtor: creditor,
              creditor: debtor,
              original: at(originals, position),
            };
      });
      await insertRefusals(db, refusals);
    },
    async inquire(references) {
      const names = await recallNames(db, kindNow(), references);
      const entries = await selectEntries(
        db,
        names.map((name) => name ?? ''),
      );
      return entries.map((entry) => (entry === undefined ? { standing: 'UNKNOWN' } : { standing: 'STORED', entry }));
    },
    async cancel(references) {
      if (!kindNow().canVoid) return references.map(() => false);
      const names = await placeNames(
        db,
        kindNow(),
        references.map((reference) => ({ reference, notAfter: null })),
      );
      const outcomes = await answered(db, (ledger) => ledger.void(names));
      return outcomes.map(({ outcome }) => outcome === 'VOIDED');
    },
    async account(rib) {
      const account = await answered(db, (ledger) => ledger.lookUpAccount(rib));
      return account;
    },
  };
}

/** The ledger makes silence of a fault; a bus answers 500. */
async function answered<Outcome>(db: Queryable, ask: (ledger: CoreBanking) => Promise<Outcome>): Promise<Outcome> {
  const faults: unknown[] = [];
  const outcome = await ask(ledgerCoreBanking(db, { onFault: (fault) => faults.push(fault) }));
  if (faults.length > 0) throw faults[0];
  return outcome;
}

function standingOf(inDoubt: boolean, entry: Entry | undefined): Standing {
  if (entry === undefined) throw new Error('decided, and not in the books');
  return inDoubt && entry.outcome !== 'VOIDED' ? { standing: 'OTHER_CONTENT', entry } : { standing: 'STORED', entry };
}

/** Undefined of debits: a set holds either debits or reversals. */
async function originalNames(
  db: Queryable,
  instructions: readonly Instruction[],
): Promise<CoreReference[] | undefined> {
  const originals = instructions.flatMap(({ original }) => (original === null ? [] : [original]));
  return originals.length === 0 ? undefined : movedNames(db, originals);
}

function at<Item>(items: readonly Item[], position: number): Item {
  const item = items[position];
  if (item === undefined) throw new Error('fewer than were asked for');
  return item;
}
