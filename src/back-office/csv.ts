import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { type Centimes, formatAmount } from '../values/centimes.ts';
import { withoutFormula } from '../values/without-formula.ts';
import type { PageAnswer } from './page.ts';
import type { Words } from './words/words.ts';

/**
 * TEXT: whatever a person or another system wrote. CODE: digits that are no number, such as an employer number, whose
 * zeros a spreadsheet would drop. AMOUNT: centimes, which it may add up.
 */
export type CsvColumn<Row> = { title: string } & (
  | { kind: 'TEXT' | 'CODE'; of: (row: Row) => string }
  | { kind: 'AMOUNT'; of: (row: Row) => Centimes | undefined }
);

/** A table as a file that a spreadsheet opens right: UTF-8 with its mark, in the reader's form, no cell a formula. */
export function csvFile<Row>(
  { language }: Pick<Words, 'language'>,
  name: string,
  columns: readonly CsvColumn<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
): Extract<PageAnswer, { answer: 'FILE' }> {
  const decimal = language === 'en' ? '.' : ',';
  const lines = stringify({
    bom: true,
    record_delimiter: 'windows',
    // Where the comma parts the dinars from the centimes, a spreadsheet expects the semicolon between cells.
    delimiter: language === 'en' ? ',' : ';',
    quoted: true,
  });
  async function* records() {
    yield columns.map(({ title }) => withoutFormula(title));
    for await (const row of rows) yield columns.map((column) => cellOf(column, row, decimal));
  }
  return {
    answer: 'FILE',
    type: 'text/csv; charset=utf-8; header=present',
    name,
    content: Readable.from(records()).compose(lines),
  };
}

function cellOf<Row>(column: CsvColumn<Row>, row: Row, decimal: string): string {
  switch (column.kind) {
    case 'TEXT':
      return withoutFormula(column.of(row));
    case 'CODE':
      // The apostrophe says that it is text.
      return /^\d+$/.test(column.of(row)) ? `'${column.of(row)}` : withoutFormula(column.of(row));
    case 'AMOUNT': {
      const amount = column.of(row);
      return amount === undefined ? '' : formatAmount(amount).replace('.', decimal);
    }
  }
}

/** Every row of a list that is read page by page, each page beginning after the last row of the one before. */
export async function* pageByPage<Row>(
  read: (after: Row | undefined) => Promise<readonly Row[]>,
): AsyncGenerator<Row, void, undefined> {
  for (let page = await read(undefined); page.length > 0; page = await read(page.at(-1))) yield* page;
}
