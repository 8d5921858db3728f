import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What other people's programs read in a PDF: poppler-utils and zbar-tools.

export const textOf = (pdf: Uint8Array): string => withFile(pdf, (file) => run('pdftotext', ['-layout', file, '-']));

/** The attached files by name. */
export const attachmentListOf = (pdf: Uint8Array): string => withFile(pdf, (file) => run('pdfdetach', ['-list', file]));

export const firstAttachmentOf = (pdf: Uint8Array): string =>
  withFile(pdf, (file) => {
    run('pdfdetach', ['-save', '1', '-o', `${file}.out`, file]);
    return readFileSync(`${file}.out`, 'utf8');
  });

/** What a reader finds in the QR code of the first page, printed at 150 dpi. */
export const qrTextOf = (pdf: Uint8Array): string =>
  withFile(pdf, (file) => {
    run('pdftoppm', ['-r', '150', '-f', '1', '-l', '1', '-singlefile', '-png', file, file]);
    return run('zbarimg', ['--quiet', '--raw', `${file}.png`]).trim();
  });

function withFile<Result>(pdf: Uint8Array, read: (file: string) => Result): Result {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'document-'));
  const file = join(folder.path, 'document.pdf');
  writeFileSync(file, pdf);
  return read(file);
}

const run = (program: string, parameters: string[]): string =>
  execFileSync(program, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
