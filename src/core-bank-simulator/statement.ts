import type { Queryable } from '../database/queryable.ts';
import { noCentimes, parseAmount, subtract, sumOf } from '../values/centimes.ts';
import { type Day, startOfAlgiersDay } from '../values/dates.ts';
import { parseCoreReference } from '../values/ids.ts';
import type { StatementBehaviour } from './behaviour.ts';
import { selectDay, selectDayTotals, selectEntries } from './books.sql.ts';
import { movedNames } from './names.sql.ts';
import { anotherReference } from './twist.ts';
import { type StatementEntry, type StatementPage, statementEntryOf } from './write-statement.ts';

export type StatementAsked = { day: Day; page: number; entriesAPage: number };

/** A page of the day's movements, as true as it was told to be. Undefined past the last page. */
export async function statementPage(
  db: Queryable,
  { day, page, entriesAPage }: StatementAsked,
  lie: StatementBehaviour | undefined,
): Promise<StatementPage | undefined> {
  const totals = await selectDayTotals(db, day);
  const lastPage = Math.max(1, Math.ceil(totals.count / entriesAPage));
  if (page > lastPage) return undefined;
  const rows = await selectDay(db, day, (page - 1) * entriesAPage, entriesAPage);
  const entries = rows.map(statementEntryOf);
  const told = { day, page, entries, totals: page === lastPage ? totals : undefined };
  return lie === undefined ? told : lied(told, lie, await concerned(db, day, lie), page === lastPage);
}

/** The entry that the lie is about: also one of another page, since the totals of all follow it. */
async function concerned(
  db: Queryable,
  day: Day,
  { reference }: StatementBehaviour,
): Promise<StatementEntry | undefined> {
  const parsed = parseCoreReference(reference ?? '');
  const found =
    parsed === undefined ? await selectDay(db, day, 0, 1) : await selectEntries(db, await movedNames(db, [parsed]));
  const [entry] = found;
  return entry?.bookingDate === day && entry.outcome === 'MOVED' ? statementEntryOf(entry) : undefined;
}

function lied(
  told: StatementPage,
  { entry: kind, summary }: StatementBehaviour,
  about: StatementEntry | undefined,
  isLast: boolean,
): StatementPage {
  const centime = parseAmount('0.01') ?? noCentimes;
  const changed = (entries: StatementEntry[], more: StatementEntry[], less: StatementEntry[]): StatementPage => {
    if (told.totals === undefined || summary === 'true') return { ...told, entries };
    const { count, sum } = told.totals;
    const totals = {
      count: count + more.length - less.length,
      sum: subtract(sumOf([sum, ...amountsOf(more)]), sumOf(amountsOf(less))),
    };
    return { ...told, entries, totals };
  };
  const amountsOf = (entries: readonly StatementEntry[]) => entries.map(({ amount }) => amount);
  if (kind === 'extra') {
    const extra = inventedEntry(told.day, about);
    return changed(isLast ? [...told.entries, extra] : [...told.entries], [extra], []);
  }
  if (about === undefined) return told;
  const isIt = ({ bookingReference }: StatementEntry) => bookingReference === about.bookingReference;
  switch (kind) {
    case 'missing':
      return changed(
        told.entries.filter((entry) => !isIt(entry)),
        [],
        [about],
      );
    case 'twice':
      return changed(
        told.entries.flatMap((entry) => (isIt(entry) ? [entry, entry] : [entry])),
        [about],
        [],
      );
    case 'other-amount': {
      const other = { ...about, amount: sumOf([about.amount, centime]) };
      return changed(
        told.entries.map((entry) => (isIt(entry) ? other : entry)),
        [other],
        [about],
      );
    }
  }
}

/** A debit of 100.00 that is in no book, of the accounts of one that is. */
function inventedEntry(day: Day, like: StatementEntry | undefined): StatementEntry {
  const reference = anotherReference(`statement of ${day}`);
  return {
    reference,
    kind: 'DEBIT',
    debtor: like?.debtor ?? '00500102000000000138',
    creditor: like?.creditor ?? '00500102000000000235',
    amount: parseAmount('100.00') ?? noCentimes,
    executedAt: new Date(startOfAlgiersDay(day).getTime() + 12 * 3_600_000),
    bookingDate: day,
    valueDate: day,
    bookingReference: `LX${day.replaceAll('-', '')}-${reference.slice(0, 8)}`,
  };
}
