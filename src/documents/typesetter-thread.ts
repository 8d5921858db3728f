import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import {
  NodeCompiler,
  type NodeTypstCompileResult,
  type NodeTypstDocument,
} from '@myriaddreamin/typst-ts-node-compiler';
import { readFonts } from './fonts.ts';
import { qrCode } from './qr.ts';
import type { Typeset, TypesetRequest } from './typesetter.ts';

// The typesetter's thread (typesetter.ts starts it): Typst in process, the fonts and the templates read once.

const templates = fileURLToPath(new URL('./templates/', import.meta.url));
const compiler = NodeCompiler.create({ workspace: templates, fontArgs: [{ fontBlobs: readFonts() }] });

/** Archivable and tagged, with files inside; Typst 0.13, which some platforms have, knows no tags. */
const pdfStandard = typstVersion() < 14 ? 'a-3b' : 'a-3a';

/** In points. Long names and the words of great amounts get smaller letters, so that everything stands on one page. */
const sizes = ['10.4', '9.8', '9.2', '8.6'];

parentPort?.on('message', (request: TypesetRequest) => {
  const answer = answerTo(request);
  parentPort?.postMessage(answer, 'pdf' in answer ? [answer.pdf.buffer] : []);
});

function answerTo({ id, sheet: { template, token, data } }: TypesetRequest): Typeset {
  try {
    const json = JSON.stringify({ ...data, token, qr: qrCode(token) ?? null });
    // Copied out of the compiler's memory, so that it can be handed over to the other thread.
    return { id, pdf: Uint8Array.from(compiler.pdf(onOnePage(template, json), { pdfStandard })) };
  } catch (error) {
    return { id, fault: faultOf(error) };
  } finally {
    // Forgets what the last ten documents did not use: each has data of its own.
    compiler.evictCache(10);
  }
}

function onOnePage(template: string, data: string): NodeTypstDocument {
  let document: NodeTypstDocument | undefined;
  for (const size of sizes) {
    const compiled = compiler.compile({ mainFilePath: `${templates}${template}.typ`, inputs: { data, size } });
    document = compiled.result ?? fail(compiled);
    if (document.numOfPages === 1) return document;
  }
  if (document === undefined) throw new Error('no size to set the document in');
  return document;
}

function fail(compiled: NodeTypstCompileResult): never {
  const [first]: { message?: unknown }[] = compiled.takeError()?.shortDiagnostics ?? [];
  throw new Error(String(first?.message));
}

function typstVersion(): number {
  const found: unknown = compiler.query(
    { mainFileContent: '#metadata(sys.version.at(1)) <minor>' },
    { selector: '<minor>', field: 'value' },
  );
  return Array.isArray(found) ? Number(found[0]) : Number.NaN;
}

/** What Typst tells, without what it quotes: names and numbers must not reach a log. */
function faultOf(error: unknown): string {
  // Its own errors have the text of its diagnostics as their code.
  const told = error instanceof Error ? String('code' in error ? error.code : error.message) : 'unknown';
  const message = /message: "((?:[^"\\]|\\.)*)"/.exec(told)?.[1] ?? told;
  return message.replace(/[`"\\].*[`"\\]/gs, '…').slice(0, 200);
}
