import { databaseFault } from '../database/faults.ts';
import type { Fault } from '../operations/fault.ts';
import type { Answer } from './handler.ts';
import { Problem, problem } from './problem.ts';

/** What the log is told of a request that failed for a reason that nobody foresaw, or since the database is away. */
export type Failure = { requestId: string; operationId: string; kind: 'internal' | 'unavailable'; fault: Fault };

/** The caller is gone: there is nobody to answer, and nothing to tell the log. */
export class CallerGone extends Error {}

/**
 * The answer to whatever a request's handling threw, and what the log is told of it. `inHandler`: the handler had
 * begun, so that a write whose connection to the database was lost may have been taken in.
 */
export function answerFailure(
  error: unknown,
  inHandler: 'READ' | 'WRITE' | 'NOT_BEGUN',
): { answer: Answer; kind?: Failure['kind'] } {
  if (error instanceof Problem) return { answer: problem(error.kind, error.message, error.members, error.headers) };
  switch (databaseAway(error)) {
    case 'LOST':
    case 'NOT_BEGUN':
      // Not reached this time says nothing of the statement before it: only a handler knows that it began nothing.
      if (inHandler === 'WRITE')
        return {
          answer: problem('outcome-unknown', 'Ask the same again, under the same name', {}, { 'Retry-After': '1' }),
          kind: 'unavailable',
        };
      return { answer: unavailable(), kind: 'unavailable' };
    case undefined:
      return { answer: problem('internal', 'The log has it under the request id'), kind: 'internal' };
  }
}

const unavailable = (): Answer =>
  problem('unavailable', 'The database is away; nothing was begun', {}, { 'Retry-After': '5' });

/** An error's code with which a connection breaks; other codes are faults of ours, however they look to a batch. */
const brokenConnection = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

function databaseAway(error: unknown): 'NOT_BEGUN' | 'LOST' | undefined {
  const fault = databaseFault(error);
  if (fault === 'NOT_BEGUN') return fault;
  if (fault !== 'LOST') return undefined;
  const code = codeOf(error);
  return code === undefined || brokenConnection.has(code) || /^[0-9A-Z]{5}$/.test(code) ? 'LOST' : undefined;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
