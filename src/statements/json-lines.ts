import type { FileWriter } from './file-writer.ts';
import { lineResource, openLineResource } from './line-representation.ts';

/** One JSON object a line (schema StatementLine), each ended by a line feed; then what was open (OpenStatementLine). */
export const jsonLinesWriter = (): FileWriter => ({
  head: () => '',
  lines: (lines) => lines.map((line) => `${JSON.stringify(lineResource(line))}\n`).join(''),
  open: (lines) => lines.map((line) => `${JSON.stringify(openLineResource(line))}\n`).join(''),
  tail: () => '',
});

/** The same lines as one JSON document (schema Statement), under what the statement comes to. */
export function jsonDocumentWriter(summary: object): FileWriter {
  let lines = 0;
  let open = 0;
  return {
    head: () => `{"statement":${JSON.stringify(summary)},"lines":[`,
    lines: (more) => more.map((line) => `${lines++ === 0 ? '' : ','}\n${JSON.stringify(lineResource(line))}`).join(''),
    open(more) {
      const before = open === 0 ? '],"open":[' : '';
      const text = more.map((line) => `${open++ === 0 ? '' : ','}\n${JSON.stringify(openLineResource(line))}`).join('');
      return text === '' ? '' : `${before}${text}`;
    },
    tail: () => (open === 0 ? '],"open":[]}\n' : ']}\n'),
  };
}
