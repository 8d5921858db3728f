import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { uuidV7 } from '../values/ids.ts';
import { CallerGone } from './failure.ts';
import { Problem } from './problem.ts';
import { tooLarge } from './request-body.ts';
import type { Upload } from './upload.ts';

/**
 * Writes the body to a file as it comes, counting and hashing: what it holds in memory has a bound, whatever is sent. The
 * file has lost its name before the first byte is in it, so that nothing is left of it however this process ends.
 */
export async function spoolBody(
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
