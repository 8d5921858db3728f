import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { uuidV7 } from '../values/ids.ts';
import { CallerGone } from './failure.ts';
import type { HttpLimits } from './http-limits.ts';
import { Problem } from './problem.ts';
import { tooLarge } from './request-body.ts';
import type { Upload } from './upload.ts';

/** Takes one body in; what it holds is free again when it is disposed of. */
export type Spool = (
  request: IncomingMessage,
  response: ServerResponse,
  now: Date,
) => Promise<Upload & AsyncDisposable>;

/** Takes bodies in that are too large to be held, so many at once and no more. */
export function openSpool(
  limits: Pick<HttpLimits, 'lists' | 'listBytes' | 'listSeconds' | 'stalledSeconds'>,
  folder: string,
): Spool {
  let spooling = 0;
  return async (request, response, now) => {
    if (spooling >= limits.lists)
      throw new Problem('overloaded', 'Other lists are being taken in', {}, { 'Retry-After': '10' });
    await using stack = new AsyncDisposableStack();
    spooling += 1;
    stack.defer(() => {
      spooling -= 1;
    });
    const upload = stack.use(await spoolBody(request, response, { folder, limitBytes: limits.listBytes, now }));
    // From here on it is the gateway that is silent, while it reads and stores what came: on a machine that has much to do
    // that may take as long as the list itself did.
    request.socket.setTimeout(limits.listSeconds * 1000);
    stack.defer(() => void request.socket.setTimeout(limits.stalledSeconds * 1000));
    const closing = stack.move();
    return { ...upload, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  };
}

/**
 * Writes the body to a file as it comes, counting and hashing: what it holds in memory has a bound, whatever is sent. The
 * file has lost its name before the first byte is in it, so that nothing is left of it however this process ends.
 */
async function spoolBody(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, limitBytes, now }: { folder: string; limitBytes: number; now: Date },
): Promise<Upload & AsyncDisposable> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const name = path.join(folder, `gateway-upload-${uuidV7(now)}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    if (request.headers.expect !== undefined) response.writeContinue();
    // Not destroyed where it is too large: its sender gets to read the answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const piece: Buffer = chunk;
      bytes += piece.length;
      if (bytes > limitBytes) throw tooLarge(limitBytes);
      hash.update(piece);
      for (let at = 0; at < piece.length; at += (await file.write(piece, at)).bytesWritten);
    }
  } catch (fault) {
    await file.close();
    request.resume();
    if (fault instanceof Problem || !request.destroyed) throw fault;
    throw new CallerGone();
  }
  return {
    ...{ bytes, digest: hash.digest() },
    read: () => file.createReadStream({ start: 0, autoClose: false }),
    [Symbol.asyncDispose]: () => file.close(),
  };
}
