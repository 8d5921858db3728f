import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { BookRow } from '../../src/core-bank-simulator/administration.ts';
import type { StatementBehaviour } from '../../src/core-bank-simulator/behaviour.ts';
import { compareBooksAgain } from '../../src/statements/book-views.sql.ts';
import { insertDueComparisons } from '../../src/statements/books.sql.ts';
import type { DifferenceKind } from '../../src/statements/books.ts';
import { parseDay } from '../../src/values/dates.ts';
import type { Random } from '../kill/random.ts';
import type { StatementFault } from './plan.ts';
import type { Stand } from './stand.ts';

/** What the gateway's own comparison must find of each lie, and of nothing else. */
const found = {
  ...{ extra: 'UNKNOWN_HERE', missing: 'NOT_BOOKED', twice: 'BOOKED_TWICE', 'other-amount': 'OTHER_AMOUNT' },
} as const satisfies Record<StatementBehaviour['entry'], DifferenceKind>;

/** What of the stand it needs. */
type Books = {
  coreBank: Pick<Stand['coreBank'], 'books' | 'tell' | 'behave'>;
  replicas: Pick<Stand['replicas'], 'count' | 'operations'>;
};

const comparedWithinSeconds = 120;

/**
 * Has the replicas compare the run's last booking day with the bus's own statement of it, as they will by themselves
 * tonight: as it is, then with each lie and again without. Each comparison must find what the statement was twisted by,
 * no more and no less, every replica must alarm of it, and nothing may be mended. Answers what was not so;
 * `onPlayed` is told of each lie that was.
 */
export async function playDayBooks(
  { coreBank, replicas }: Books,
  db: pg.Pool,
  faults: readonly StatementFault[],
  random: Random,
  onPlayed: (fault: StatementFault) => void,
): Promise<string[]> {
  const violations: string[] = [];
  const check = (what: string, is: unknown, mustBe: unknown) => {
    const [one, other] = [JSON.stringify(is), JSON.stringify(mustBe)];
    if (one !== other) violations.push(`${what}: ${one} instead of ${other}`);
    return one === other;
  };
  const moved = (await coreBank.books()).filter(({ outcome, kind }) => outcome === 'MOVED' && kind !== null);
  const day = moved
    .flatMap(({ bookingDate }) => parseDay(bookingDate ?? '') ?? [])
    .sort()
    .at(-1);
  if (day === undefined) return faults.map(({ entry }) => `no statement to be ${entry}: nothing has moved`);
  const ofDay = moved.filter(({ bookingDate }) => bookingDate === day);
  const before = await storedNow(db);
  check('replicas that are up', replicas.operations().length, replicas.count);
  const compare = async (what: string, differences: readonly string[]): Promise<boolean> => {
    // The first comes as the day's end brings it, each later one as a person asks for it.
    if (!(await compareBooksAgain(db, { day, by: 'fault-run', from: 'test' }))) await insertDueComparisons(db, day);
    const told = await differencesOf(db, day, ofDay);
    const alarms = await Promise.all(replicas.operations().map(figureOf));
    const isFound = check(`the books of ${day}, ${what}`, told, differences);
    return (
      check(
        `alarms, ${what}`,
        alarms,
        replicas.operations().map(() => differences.length),
      ) && isFound
    );
  };
  await compare('as they are', []);
  for (const fault of faults) {
    const { entry } = fault;
    const about = entry === 'extra' ? undefined : random.pick(ofDay).reference;
    await coreBank.tell(`statement.${entry}`, {
      when: { message: 'camt.053', day },
      behaviour: { do: 'statement-entry', entry, summary: 'adapted', ...(about !== undefined && { reference: about }) },
    });
    const isFound = await compare(entry, [`${found[entry]} ${about ?? 'of no book'}`]);
    await coreBank.behave();
    if ((await compare(`after ${entry}`, [])) && isFound) onPlayed(fault);
  }
  check('what is stored after the comparisons', await storedNow(db), before);
  return violations;
}

/** What the day's latest comparison found, once it is there; a reference that no book has is told as that. */
async function differencesOf(db: pg.Pool, day: string, books: readonly BookRow[]): Promise<string[]> {
  const booked = new Set(books.map(({ reference }) => String(reference)));
  for (const until = Date.now() + comparedWithinSeconds * 1000; ; await pause(100)) {
    const { rows: open } = await db.query('select from book_comparisons where compared_at is null', []);
    if (open.length === 0) break;
    if (Date.now() > until) return ['not compared in time'];
  }
  const { rows } = await db.query<{ kind: string; core_reference: string }>(
    `select kind, core_reference from book_differences
      where comparison_id = (select comparison_id from book_comparisons where day = $1 order by attempt desc limit 1)
      order by kind, core_reference`,
    [day],
  );
  return rows.map(({ kind, core_reference: of }) => `${kind} ${booked.has(of) ? of : 'of no book'}`);
}

/** What the alert BooksDiffer looks at (docs/alerts.yml). */
async function figureOf(operations: string): Promise<number> {
  const text = await (await fetch(`${operations}/metrics`)).text();
  return Number(/^books_differences (\d+)$/m.exec(text)?.[1]);
}

/** All that a comparison could have mended, as one digest. */
async function storedNow(db: pg.Pool): Promise<unknown> {
  const of = (rows: string) =>
    `(select md5(coalesce(string_agg(one::text, '' order by one::text), '')) from ${rows} one)`;
  const { rows } = await db.query(`
    select ${of('debits')} as debits, ${of('reversals')} as reversals, ${of('contradictions')} as contradictions,
           ${of('declarations')} as declarations, ${of('mandate_usage')} as usage,
           (select count(*) from tokens where kind in ('settlement-confirmation+jwt', 'debit-rejection+jwt',
             'reversal-confirmation+jwt'))::int as tokens`);
  return rows[0];
}
