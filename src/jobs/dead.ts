import { type WorkName, workNames } from './work.ts';

/** Work that failed. `deadAt`: given up since then, until a person says otherwise; else tried again at `nextAt`. */
export type FailedWork = {
  work: WorkName;
  subjectId: string;
  since: Date;
  failures: number;
  /** A code or an error's class. */
  fault: string;
  nextAt: Date;
  deadAt: Date | undefined;
  /** Where it stands in its list, to the database's own microsecond: for the page that begins after it. */
  place: string;
};

/** `after`: the `place` of the last row of the page before. */
export type FailedWorkPage = { dead: boolean; after?: string | undefined };

export const parseWorkName = (text: string): WorkName | undefined => workNames.find((name) => name === text);

/** The id of whatever a work is on: a UUID. */
export const parseSubjectId = (text: string): string | undefined =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : undefined;
