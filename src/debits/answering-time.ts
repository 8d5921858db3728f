import { setTimeout as pause } from 'node:timers/promises';

/** What the work comes to within the gateway's answering time; past it LATE, while the work goes on. */
export async function inAnsweringTime<Outcome>(seconds: number, work: Promise<Outcome>): Promise<Outcome | 'LATE'> {
  const inTime = new AbortController();
  const late = pause(seconds * 1000, 'LATE' as const, { signal: inTime.signal });
  // Ended by the abort below when the work was in time.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    inTime.abort();
  }
}
