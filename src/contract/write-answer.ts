import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Answer } from './handler.ts';

/** What an answer is given when it is written out. The public origin is where the pages of the problem types are. */
export type AnswerContext = { requestId: string; publicOrigin: string };

const problemType = 'application/problem+json';

/** Writes an answer: the one place where headers that all answers share, and a problem's absolute type, are added. */
export function writeAnswer(response: ServerResponse, answer: Answer, context: AnswerContext): void {
  const { status, headers, bytes } = renderAnswer(answer, context);
  response.writeHead(status, headers).end(bytes);
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
  const { status, body, contentType = 'application/json' } = answer;
  const bytes = bytesOf(contentType === problemType ? problemOf(body, requestId, publicOrigin) : body);
  const headers = {
    ...(body === undefined ? {} : { 'Content-Type': contentType }),
    'Content-Length': String(bytes.length),
    'Cache-Control': 'no-store',
    'Request-Id': requestId,
    ...answer.headers,
  };
  return { status, headers, bytes };
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
