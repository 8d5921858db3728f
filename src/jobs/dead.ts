import { type WorkName, workNames } from './work.ts';

/** Work that failed. `deadAt`: given up since then, until a person says otherwise; else tried again at `nextAt`. */
export type FailedWork = {
  work: WorkName;
  subjectId: string;
  since: Date;
  failures: number;
  /** A code or an error's class. */
  fault: string;
  failedAt: Date;
  nextAt: Date;
  deadAt: Date | undefined;
};

/** `after`: the last row of the page before; `at` is its `deadAt` among the dead, else its `since`. */
export type FailedWorkPage = { dead: boolean; after?: { at: Date; work: WorkName; subjectId: string } | undefined };

export const parseWorkName = (text: string): WorkName | undefined => workNames.find((name) => name === text);
