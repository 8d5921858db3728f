import type { Answer } from './handler.ts';
import { type ProblemKind, problems } from './problems.ts';

/** One fault of a request's content: where (a JSON pointer into the body, or the parameter's name), and what is wrong. */
export type Fault = { pointer: string; message: string };

/** An answer that is a problem (RFC 9457). Its absolute `type` and the request id are added where it is written out. */
export function problem(
  kind: ProblemKind,
  detail: string,
  members: object = {},
  headers: Answer['headers'] = {},
): Answer {
  const { status, title, retry } = problems[kind];
  return {
    status,
    contentType: 'application/problem+json',
    headers: { ...headers },
    body: { type: kind, title, status, detail, retry, ...members },
  };
}

/** Thrown where the conversation can't go on; answered in one place. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly members: object;
  readonly headers: Readonly<Record<string, string>>;
  constructor(kind: ProblemKind, detail: string, members: object = {}, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.kind = kind;
    this.members = members;
    this.headers = headers;
  }
}

/** A request that does not match the contract: every fault at once, as many as a problem document carries. */
export const malformedBy = (faults: readonly Fault[]): Problem =>
  new Problem('malformed', 'The request does not match the contract', { faults: faults.slice(0, 100) });

/** A request that fits the schema and yet can't be read: one fault, named by its pointer. */
export function malformed(pointer: string, message: string): never {
  throw malformedBy([{ pointer, message }]);
}

/** A value that may be absent, read by its parser: what is there and can't be read is a fault. */
export function optional<Value>(
  text: string | undefined,
  parse: (text: string) => Value | undefined,
  pointer: string,
  message: string,
): Value | undefined {
  return text === undefined ? undefined : (parse(text) ?? malformed(pointer, message));
}
