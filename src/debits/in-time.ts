import type { MoveOutcome } from '../core-banking/port.ts';
import type { Clock } from '../database/clock.ts';

/**
 * Sends those whose `expiresAt` has not come when their turn does: they may have waited behind others of the same
 * account. One that is too late is IN_DOUBT like one that was not answered. Its row says that it was sent, by the
 * statement that let it be, and only the core's word ends what says so: its creditor is told that it is open, and
 * recovery asks about it and voids it.
 */
export async function sendInTime<Sent extends { expiresAt: Date }>(
  clock: Clock,
  all: readonly Sent[],
  send: (inTime: readonly Sent[]) => Promise<readonly MoveOutcome[]>,
): Promise<MoveOutcome[]> {
  const now = clock.now();
  const inTime = all.filter(({ expiresAt }) => expiresAt > now);
  const outcomes = inTime.length === 0 ? [] : await send(inTime);
  if (outcomes.length !== inTime.length) throw new Error(`${outcomes.length} answers to ${inTime.length} instructions`);
  const answers = new Map(inTime.map((one, position) => [one, outcomes[position]]));
  return all.map((one) => answers.get(one) ?? { outcome: 'IN_DOUBT' });
}
