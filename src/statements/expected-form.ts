import type { Fault } from '../contract/problem.ts';

/**
 * What a form yields, piece by piece: the members that say the days, and each line's members, with the line of the file
 * that it begins on. A fault ends the reading: what follows could not be told.
 */
export type RawPiece =
  | { kind: 'DAYS'; value: unknown }
  | { kind: 'LINE'; value: unknown; fileLine: number }
  | { kind: 'FAULT'; fault: Fault };

/** How the days are named. */
export const dayNames = ['date', 'from', 'to'] as const;

/** What a line may say, and what it must. */
export const memberNames = ['endToEndId', 'amount', 'currency', 'declaration', 'employerNumber'] as const;
export type MemberName = (typeof memberNames)[number];
export const requiredMembers: readonly MemberName[] = ['endToEndId', 'amount', 'currency'];
