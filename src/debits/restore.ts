import type { CoreBanking, Movement } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import { endReading, meetMovements, type Restore, selectUnexplained, selectUnread } from './restore.sql.ts';
import type { DebitSteps } from './steps.ts';

/** How many of the core's movements are held against the debits at once. */
const most = 500;

export type RestoreParts = {
  db: Queryable;
  steps: Pick<DebitSteps, 'contradict' | 'now'>;
  movements: CoreBanking['movements'];
  /** How long after a restore a process of before may still send, or the core execute what it has sent. */
  settleSeconds: number;
};

/**
 * Reads what the core has moved since a restored database last knew: once for each restore, when nothing of before can come
 * any more, and once more before its stop may end. Doing it again changes nothing. What was unexplained is met again, since the mandate, the account or the debit may have been entered or asked
 * for meanwhile. Answers how many restores it has read; it rejects, and is tried again, while the core does not answer.
 */
export async function readMissedMovements({ db, steps, movements, settleSeconds }: RestoreParts): Promise<number> {
  const unread = await selectUnread(db, settleSeconds);
  for (const restore of unread) {
    for (const day of daysOf(restore, steps.now())) await readDay({ db, steps, movements }, restore, day);
    await endReading(db, restore);
  }
  const unexplained = unread.length > 0 ? [] : await selectUnexplained(db, most);
  for (const epoch of new Set(unexplained.map((one) => one.epoch))) {
    const some = unexplained.filter((one) => one.epoch === epoch).map(({ movement }) => movement);
    await meet({ db, steps }, epoch, some);
  }
  return unread.length;
}

async function readDay(
  { db, steps, movements }: Omit<RestoreParts, 'settleSeconds'>,
  { epoch }: Restore,
  day: Day,
): Promise<void> {
  const booked = await movements(day);
  for (let first = 0; first < booked.length; first += most) {
    await meet({ db, steps }, epoch, booked.slice(first, first + most));
  }
}

async function meet(
  { db, steps }: Pick<RestoreParts, 'db' | 'steps'>,
  epoch: number,
  some: readonly Movement[],
): Promise<void> {
  const met = await meetMovements(db, epoch, some);
  for (const [position, { fate, debitId }] of met.entries()) {
    const booking = some[position]?.booking;
    if (fate === 'CONTRADICTS' && debitId && booking) await steps.contradict(debitId, booking);
  }
}

/** A day more on both sides: the core's booking days are its own. */
function daysOf({ knownUntil }: Restore, now: Date): Day[] {
  const last = addDays(algiersDay(now), 1);
  const days: Day[] = [];
  for (let day = addDays(algiersDay(knownUntil), -1); day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}
