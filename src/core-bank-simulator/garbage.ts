import type { ExchangeBehaviour } from './behaviour.ts';

export type Garbage = Extract<ExchangeBehaviour, { do: 'answer-garbage' }>['garbage'];

/** A body that is no answer to anything. */
export function garbageOf(garbage: Garbage): Buffer {
  switch (garbage) {
    case 'not-xml':
      return Buffer.from('<html><body><h1>Service unavailable<br></body></html>');
    case 'other-message':
      return Buffer.from('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><AppHdr/></Document>');
    case 'dtd':
      return Buffer.from(entityBomb);
    case 'too-large':
      return Buffer.from(
        `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10">${' '.repeat(5 * 1_048_576)}</Document>`,
      );
    case 'empty':
      return Buffer.alloc(0);
  }
}

/** Ten entities of ten of the one before: a reader that expands them is out of memory. */
const entityBomb = `<?xml version="1.0"?>
<!DOCTYPE Document [
  <!ENTITY e0 "money">
${Array.from({ length: 9 }, (_, level) => `  <!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`).join('\n')}
]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt>&e9;</FIToFIPmtStsRpt></Document>`;
