import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { type Jws, parseJws } from '../values/ids.ts';

const largestPdfBytes = 4 * 1024 * 1024;
const largestTokenBytes = 8 * 1024;
/** Places looked at, also those that turn out to be nothing. */
const mostAttachments = 32;
/** A stream's dictionary is a line or two; whatever is longer was not written by a PDF program for a small file. */
const longestDictionaryBytes = 2 * 1024;

/**
 * The token that a PDF carries as an attached file; undefined where it carries none, two that differ, or is no PDF at
 * all. Says nothing of the token's truth.
 *
 * A PDF is not parsed for it but searched: attached files are streams of type EmbeddedFile, which the format keeps
 * outside everything compressed. A PDF library follows whatever an uploaded file says: one of 1.4 kB made it unpack
 * 700 MB, another kept it busy for more than five minutes. Here time is linear in the file, and memory bounded.
 */
export async function readAttachedToken(pdf: Uint8Array): Promise<Jws | undefined> {
  if (pdf.length > largestPdfBytes) return undefined;
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  const tokens = new Set<Jws>();
  for (const { dictionary, content } of attachedFiles(file)) {
    const token = await tokenIn(dictionary, content);
    if (token !== undefined) tokens.add(token);
  }
  const [token] = tokens;
  return tokens.size === 1 ? token : undefined;
}

type AttachedFile = { dictionary: string; content: Buffer };

/** Each attached file's dictionary, and as much of what follows it as a token could take. */
function* attachedFiles(file: Buffer): Generator<AttachedFile> {
  const type = '/EmbeddedFile';
  let at = file.indexOf(type);
  for (let looked = 0; at !== -1 && looked < mostAttachments; looked += 1, at = file.indexOf(type, at + type.length)) {
    const near = file
      .subarray(Math.max(0, at - longestDictionaryBytes), at + longestDictionaryBytes)
      .toString('latin1');
    const typeAt = Math.min(at, longestDictionaryBytes);
    const opened = near.lastIndexOf('obj', typeAt);
    // The name tree's key, /EmbeddedFiles, goes on where the type ends.
    const dictionary = /^\/EmbeddedFile(?![\w#]).*?>>\s*stream\r?\n/s.exec(near.slice(typeAt));
    if (opened === -1 || dictionary === null) continue;
    const contentAt = at + dictionary[0].length;
    yield {
      dictionary: near.slice(opened, typeAt) + dictionary[0],
      content: file.subarray(contentAt, contentAt + 2 * largestTokenBytes),
    };
  }
}

const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate);

async function tokenIn(dictionary: string, content: Buffer): Promise<Jws | undefined> {
  const [, filter] = /\/Filter\s*\[?\s*\/(\w+)/.exec(dictionary) ?? [];
  if (filter === undefined) return tokenOf(content.subarray(0, Math.max(0, content.indexOf('endstream'))));
  if (filter !== 'FlateDecode') return undefined;
  // Nothing of a broken file is worth telling: it carries no token.
  const unpacked = await unpack(content, { maxOutputLength: largestTokenBytes }).catch(() => undefined);
  return unpacked && tokenOf(unpacked);
}

function tokenOf(content: Buffer): Jws | undefined {
  return content.length > largestTokenBytes ? undefined : parseJws(content.toString('latin1').trim());
}
