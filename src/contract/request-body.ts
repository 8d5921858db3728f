import type { IncomingMessage, ServerResponse } from 'node:http';
import { CallerGone } from './failure.ts';
import { Problem } from './problem.ts';

/**
 * The body's bytes as they were sent: what a signature is over. Refused by what it announces, and by count where it
 * announces nothing. The rest of one that is too large is thrown away, so that its sender gets to read the answer.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { limitBytes, seconds }: { limitBytes: number; seconds: number },
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    // The door itself waits longer, for what is spooled.
    const late = setTimeout(() => {
      response.setHeader('Connection', 'close');
      reject(new Problem('request-timeout', 'The request was not complete in time'));
    }, seconds * 1000);
    request.once('close', () => clearTimeout(late));
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) return void chunks.push(chunk);
      chunks.length = 0;
      reject(tooLarge(limitBytes));
    });
    request.once('end', () => {
      clearTimeout(late);
      resolve(Buffer.concat(chunks));
    });
    request.once('error', () => reject(new CallerGone()));
    request.once('close', () => reject(new CallerGone()));
  });
}

export const tooLarge = (limitBytes: number): Problem =>
  new Problem('payload-too-large', `At most ${limitBytes} bytes are taken here`);
