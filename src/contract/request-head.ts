import type { IncomingMessage } from 'node:http';
import type { HttpLimits } from './http-limits.ts';
import { type Fault, malformedBy, Problem } from './problem.ts';

/** What a request asks for, as it was sent. */
export type Target = {
  /** Percent-encoded as sent. */
  path: string;
  query: Readonly<Record<string, string>>;
};

/** Said once, or it is not known which is meant: Node keeps the first of some and joins others with a comma. */
const sentOnce = ['host', 'content-type', 'content-length', 'request-signature', 'transfer-encoding', 'expect'];

/** Looks at what llhttp lets through. Throws the problem that it is. */
export function checkHead(request: IncomingMessage, limits: HttpLimits): void {
  if (request.rawHeaders.length / 2 > limits.headers)
    throw new Problem('headers-too-large', `At most ${limits.headers} headers are taken`);
  const faults: Fault[] = [];
  if (request.httpVersion !== '1.1') faults.push({ pointer: '', message: 'HTTP/1.1 only' });
  for (const name of sentOnce) {
    const count = request.headersDistinct[name]?.length ?? 0;
    if (count > 1) faults.push({ pointer: properName(name), message: 'stands more than once' });
  }
  if (!/^[A-Za-z0-9.\-_:[\]]{1,255}$/.test(request.headers.host ?? ''))
    faults.push({ pointer: 'Host', message: request.headers.host === undefined ? 'is required' : 'is not a host' });
  if (request.headers.upgrade !== undefined)
    faults.push({ pointer: 'Upgrade', message: 'this server keeps to HTTP/1.1' });
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && coding !== 'chunked')
    faults.push({ pointer: 'Transfer-Encoding', message: 'only chunked is taken' });
  if (faults.length > 0) throw malformedBy(faults);
  if ((request.headers.expect ?? '100-continue').toLowerCase() !== '100-continue')
    throw new Problem('expectation-failed', 'Only 100-continue can be expected');
}

const properName = (name: string): string => name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** RFC 3986: a path from the root, and a query; no fragment, no other form of target. */
const target =
  /^(\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*)(?:\?((?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*))?$/;

/** Reads path and query. A parameter that stands twice, or has no name, is a fault. */
export function readTarget(url: string): Target {
  const [, path, query] = target.exec(url) ?? [];
  if (path === undefined) throw malformedBy([{ pointer: '', message: 'the request target is not a path and a query' }]);
  const read = new Map<string, string>();
  const faults: Fault[] = [];
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const [name, value] = cut(pair).map(decoded);
    if (name === undefined || value === undefined || name === '')
      faults.push({ pointer: '', message: 'the query is not a list of name=value' });
    else if (read.has(name)) faults.push({ pointer: name.slice(0, 64), message: 'stands more than once' });
    else read.set(name, value);
  }
  if (faults.length > 0) throw malformedBy(faults);
  return { path, query: Object.fromEntries(read) };
}

function cut(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

/** Undefined where the escapes are not UTF-8. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** The media type without its parameters, in lower case. */
export const mediaTypeOf = (header: string | undefined): string | undefined =>
  header?.split(';', 1)[0]?.trim().toLowerCase();

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
