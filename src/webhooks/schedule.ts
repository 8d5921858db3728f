/** Seconds until an event is pushed again, after its first push, its second and so on; from then on the last. */
const waits = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600] as const;
const lastWait = 21_600;

/**
 * How many seconds after that push (from 1) the next one follows: up to a fifth shorter or longer, so that what failed
 * together does not come back together. `random` is from 0 to 1.
 */
export const waitAfter = (attempt: number, random: number): number => (waits[attempt - 1] ?? lastWait) * spread(random);

export const spread = (random: number): number => 0.8 + 0.4 * random;

/** As the contract says (webhook `event`). */
export const pushLimits = {
  /** A receiver is paused where so many pushes failed in a row, for so long. */
  pauseFailures: 10,
  pauseSeconds: 600,
  /** Its oldest event is then tried after a minute, and after each failure twice that, up to a quarter of an hour. */
  probeFirstSeconds: 60,
  probeMostSeconds: 900,
  /** An event is given up where its next push would come later than that after its first. */
  giveUpSeconds: 3 * 86_400,
  /** Pushes to one receiver at once, of all replicas. */
  ofOne: 32,
  /** Until an answer is whole. */
  answerSeconds: 10,
} as const;
