import { type ServerResponse, STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './handler.ts';

/** What an answer is given when it is written out. The public origin is where the pages of the problem types are. */
export type AnswerContext = { requestId: string; publicOrigin: string };

const problemType = 'application/problem+json';

/** Writes an answer: the one place where headers that all answers share, and a problem's absolute type, are added. */
export function writeAnswer(response: ServerResponse, answer: Answer, context: AnswerContext): void {
  const { status, headers, bytes } = renderAnswer(answer, context);
  response.writeHead(status, headers).end(bytes);
}

/**
 * Writes an answer that comes piece by piece. Rejects where a piece can't be made, or nobody reads any more: the
 * connection is broken then, which says that the rest is missing.
 */
export async function streamAnswer(response: ServerResponse, answer: Answer, context: AnswerContext): Promise<void> {
  const { status, headers } = renderAnswer(answer, context);
  response.writeHead(status, headers);
  // One piece waits at most: each may be of megabytes.
  await pipeline(Readable.from(answer.stream?.pieces ?? [], { highWaterMark: 1 }), response);
}

/** The same for a connection on which Node has no response to write to: whole, and the last thing that is said on it. */
export function rawAnswer(answer: Answer, context: AnswerContext): Buffer {
  const { status, headers, bytes } = renderAnswer(answer, context);
  const lines = Object.entries({ Date: new Date().toUTCString(), Connection: 'close', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n`), bytes]);
}

type RenderedAnswer = { status: number; headers: Record<string, string>; bytes: Buffer };

/** An answer as it goes out. Throws where a body can't be written as JSON: then nothing has gone out yet. */
export function renderAnswer(answer: Answer, { requestId, publicOrigin }: AnswerContext): RenderedAnswer {
  const { status, body, stream, contentType = 'application/json' } = answer;
  const bytes = bytesOf(contentType === problemType ? problemOf(body, requestId, publicOrigin) : body);
  const headers = {
    ...(body === undefined && stream === undefined ? {} : { 'Content-Type': contentType }),
    ...lengthOf(bytes, stream),
    'Cache-Control': 'no-store',
    'Request-Id': requestId,
    ...answer.headers,
  };
  return { status, headers, bytes };
}

/** Without a length the answer is sent in chunks, the last of which says that it is whole. */
function lengthOf(bytes: Buffer, stream: Answer['stream']): Record<string, string> {
  if (stream === undefined) return { 'Content-Length': String(bytes.length) };
  return stream.bytes === undefined ? {} : { 'Content-Length': String(stream.bytes) };
}

function bytesOf(body: Answer['body']): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}

/** Inside, a problem's type is its kind; outside it is the address of its page. */
function problemOf(body: Answer['body'], requestId: string, publicOrigin: string): Answer['body'] {
  if (typeof body !== 'object' || !('type' in body) || typeof body.type !== 'string') return body;
  return { ...body, type: problemAddress(publicOrigin, body.type), requestId };
}

export const problemAddress = (publicOrigin: string, kind: string): string => `${publicOrigin}/problems/${kind}`;
