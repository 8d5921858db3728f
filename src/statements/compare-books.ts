import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { CoreBanking, Movement } from '../core-banking/port.ts';
import type { Clock } from '../database/clock.ts';
import { inTransaction } from '../database/pool.ts';
import { type Beat, beatingDuring, heartbeat } from '../jobs/heartbeat.ts';
import type { Work, WorkFailure } from '../jobs/work.ts';
import { noCentimes, sumOf } from '../values/centimes.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import type { CoreReference } from '../values/ids.ts';
import {
  claimComparison,
  closeComparison,
  insertDifferences,
  insertDueComparisons,
  judgeMovements,
  type Lease,
  releaseComparison,
  selectDueComparisons,
  selectKept,
} from './books.sql.ts';
import type { Booked, BookFigures, Difference } from './books.ts';

export type BookParts = Clock & {
  db: pg.Pool;
  movements: CoreBanking['movements'];
  /** How long one who stopped without a word keeps the others waiting. Renewed while the work goes on. */
  leaseSeconds?: number;
  /** Postings, and debits, in one statement of the database. */
  most?: number;
};

/** After midnight: the core's own day is closed by then. */
const closingHours = 2;

/** The comparing of our books with the core's: one row of `book_comparisons` for each booking day that is over. */
export const bookWork = (parts: BookParts): Work => ({
  name: 'books',
  async due(most) {
    const closed = new Date(parts.now().getTime() - closingHours * 3_600_000);
    await insertDueComparisons(parts.db, addDays(algiersDay(closed), -1));
    return selectDueComparisons(parts.db, most);
  },
  async run(ids) {
    const failed: WorkFailure[] = [];
    for (const id of ids) await compareOne(parts, id).catch((fault: unknown) => void failed.push({ id, fault }));
    return failed;
  },
});

/**
 * Compares one day: each of the core's postings with what is stored here, then what is settled here with those. What
 * differs is kept and told, all of it with the figures in one transaction; nothing is mended. A core that does not answer
 * is asked again later.
 */
async function compareOne(parts: BookParts, id: string): Promise<void> {
  const { db, movements, leaseSeconds = 300 } = parts;
  const lease: Lease = { id, holder: randomUUID(), leaseSeconds };
  const day = await claimComparison(db, lease);
  if (day === undefined) return;
  const renew = async () => {
    if ((await claimComparison(db, lease)) === undefined) throw new LeaseLost();
  };
  const beat = heartbeat(renew, leaseSeconds);
  try {
    // Page after page of a large day, one after the other: longer than any lease.
    const booked = await beatingDuring(() => movements(day), renew, leaseSeconds);
    await beat();
    const { figures, differences } = await compare(parts, day, booked, beat);
    await inTransaction(db, async (client) => {
      if (!(await closeComparison(client, lease, { ...figures, differences: differences.length })))
        throw new LeaseLost();
      for (const some of pieces(differences, parts.most ?? mostAtOnce)) await insertDifferences(client, id, some);
    });
  } catch (fault) {
    await releaseComparison(db, lease).catch(() => undefined);
    throw fault;
  }
}

/** A failure, and no other's good end: where each took it from the one before, the day would never be compared. */
class LeaseLost extends Error {
  constructor() {
    super('another compares the day by now');
  }
}

const mostAtOnce = 2_000;

type Compared = { figures: BookFigures; differences: Difference[] };

async function compare(
  { db, most = mostAtOnce }: BookParts,
  day: Day,
  movements: readonly Movement[],
  beat: Beat,
): Promise<Compared> {
  const differences: Difference[] = [];
  const seen = new Set<CoreReference>();
  const agreed: Movement[] = [];
  let foreign = 0;
  for (const some of pieces(movements, most)) {
    const verdicts = await judgeMovements(db, some);
    for (const [position, movement] of some.entries()) {
      const { verdict, kept } = verdicts[position] ?? { verdict: 'FOREIGN', kept: undefined };
      const { reference } = movement;
      const again = seen.has(reference);
      seen.add(reference);
      if (verdict === 'FOREIGN') foreign += 1;
      else if (again && kept !== undefined)
        differences.push({ kind: 'BOOKED_TWICE', reference, kept, booked: bookedIn(movement) });
      else if (verdict === 'AGREES') agreed.push(movement);
      else differences.push({ kind: verdict, reference, kept, booked: bookedIn(movement) });
    }
    await beat();
  }
  for (const subjects of ['debits', 'reversals'] as const) {
    let after: string | undefined;
    do {
      const page = await selectKept(db, subjects, { day, after, most });
      for (const { reference, kept } of page)
        if (!seen.has(reference)) differences.push({ kind: 'NOT_BOOKED', reference, kept, booked: undefined });
      after = page.length < most ? undefined : page.at(-1)?.id;
      await beat();
    } while (after !== undefined);
  }
  const figures = {
    ...{ booked: movements.length, bookedAmount: amountIn(movements), foreign },
    ...{ agreed: agreed.length, agreedAmount: amountIn(agreed) },
  };
  return { differences, figures };
}

const bookedIn = ({ booking: { amount, bookingReference, bookingDate } }: Movement): Booked => ({
  ...{ amount, bookingReference, bookingDate },
});

const amountIn = (movements: readonly Movement[]) =>
  movements.reduce((sum, { booking }) => sumOf([sum, booking.amount]), noCentimes);

function* pieces<Item>(items: readonly Item[], most: number): Generator<readonly Item[]> {
  for (let first = 0; first < items.length; first += most) yield items.slice(first, first + most);
}
