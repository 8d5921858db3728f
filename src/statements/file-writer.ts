import type { OpenLine, StatementLine } from './statement.ts';

/**
 * Writes one file of a statement, piece by piece, in one pass and in constant memory: `head`, then every line, then
 * every open one, then `tail`. The same calls give the same bytes.
 */
export type FileWriter = {
  head: () => string;
  lines: (lines: readonly StatementLine[]) => string;
  open: (lines: readonly OpenLine[]) => string;
  tail: () => string;
};

/** A file of several passes, one after the other: each is handed everything, and writes what is its own. */
export type FileWriters = readonly [FileWriter, ...FileWriter[]];
