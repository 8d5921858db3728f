import multer from 'multer';
import { Problem } from '../contract/problem.ts';
import { databaseFault } from '../database/faults.ts';
import { ProviderAway } from './sign-in/provider-fetch.ts';

/** What may go wrong, each with a page of its own that says what to do next. */
const statuses = {
  malformed: 400,
  'sign-in-failed': 400,
  'sign-in-refused': 403,
  'no-role': 403,
  forbidden: 403,
  'form-not-ours': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  'not-a-form': 415,
  'too-many-sign-ins': 429,
  internal: 500,
  unavailable: 503,
  'provider-away': 503,
  overloaded: 503,
} as const;
export type FaultKind = keyof typeof statuses;
export type FaultStatus = (typeof statuses)[FaultKind];

/** Ends a request with the page of its kind. `cause` is for the log. */
export class PageFault extends Error {
  readonly kind: FaultKind;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: FaultKind, { headers = {}, cause }: { headers?: Record<string, string>; cause?: unknown } = {}) {
    super(kind, { cause });
    this.kind = kind;
    this.headers = headers;
  }
}

export const statusOf = (kind: FaultKind): FaultStatus => statuses[kind];

/** Whether the log is told: what a person or a browser did wrong is not its business. */
export const isOurs = (kind: FaultKind): boolean =>
  kind === 'internal' || kind === 'unavailable' || kind === 'provider-away' || kind === 'sign-in-failed';

/** Whatever was thrown, as one of them. */
export function faultOf(error: unknown): PageFault {
  if (error instanceof PageFault) return error;
  if (error instanceof ProviderAway) return new PageFault('provider-away', { cause: error });
  if (error instanceof multer.MulterError)
    return new PageFault(/SIZE|COUNT|LONG/.test(error.code) ? 'too-large' : 'malformed', { cause: error });
  if (error instanceof Problem) return new PageFault(kindOf(error), { cause: error });
  const away = databaseFault(error);
  if (away === 'NOT_BEGUN' || away === 'LOST') return new PageFault('unavailable', { cause: error });
  return new PageFault(ofRequest(error) ?? 'internal', { cause: error });
}

/** Features that the API's door shares speak in problems. */
function kindOf({ kind }: Problem): FaultKind {
  switch (kind) {
    case 'overloaded':
      return 'overloaded';
    case 'unavailable':
      return 'unavailable';
    case 'headers-too-large':
    case 'payload-too-large':
      return 'too-large';
    case 'malformed':
    case 'expectation-failed':
      return 'malformed';
    default:
      return 'internal';
  }
}

/** Express's own words for a request that can't be read: a broken escape in the path, a body that is too long. */
function ofRequest(error: unknown): FaultKind | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  if (error.status === 413) return 'too-large';
  if (error.status === 415) return 'not-a-form';
  return error.status === 400 ? 'malformed' : undefined;
}
