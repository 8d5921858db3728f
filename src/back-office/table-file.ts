import type { Centimes } from '../values/centimes.ts';
import { parseTypedAmount } from '../values/centimes.ts';
import { type CsvColumn, csvFile } from './csv.ts';
import { PageFault } from './fault.ts';
import { tableFileName } from './look/table.ts';
import type { PageAnswer, Visit } from './page.ts';

type Cell = { text: string; amount: Centimes | undefined };
type Row = readonly Cell[];

/**
 * What a page answers where one of its tables is asked for as a file (`?csv=NAME`): that table, cell by cell as the page
 * shows it, with instants in ISO 8601 and amounts as numbers. Read from the page itself, so that the file shows what the
 * reader may see and nothing else, and is journalled as the page is. Lists have exports of their own, of all their pages.
 */
export async function asTableFile(
  { query, words, params }: Pick<Visit, 'query' | 'words' | 'params'>,
  answer: PageAnswer,
): Promise<PageAnswer> {
  const name = query.get(tableFileName);
  if (name === null || answer.answer !== 'PAGE') return answer;
  const [heading, ...rows] = rowsOf(String(await answer.content), name) ?? notFound();
  const columns = (heading ?? []).map(
    (title, at): CsvColumn<Row> =>
      rows.every((row) => row[at]?.text === '' || row[at]?.amount !== undefined)
        ? { title: title.text, kind: 'AMOUNT', of: (row) => row[at]?.amount }
        : { title: title.text, kind: 'CODE', of: (row) => row[at]?.text ?? '' },
  );
  const of = Object.values(params).join('-');
  const file = csvFile(words, `${of === '' ? name : `${of}-${name}`}.csv`, columns, rows);
  return answer.read === undefined ? file : { ...file, read: answer.read };
}

function notFound(): never {
  throw new PageFault('not-found');
}

/** Of the markup that look/table.ts writes: no other reaches this. */
function rowsOf(page: string, name: string): Row[] | undefined {
  const [, table] = /^[a-z-]+$/.test(name) ? page.split(`data-csv="${name}">`) : [];
  if (table === undefined) return undefined;
  const [, body = ''] = /<thead>(.*?)<\/table>/s.exec(table) ?? [];
  return [...body.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd]\b[^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cellOf(cell)),
  );
}

function cellOf(markup: string): Cell {
  const text = textOf(
    markup
      .replaceAll(/<form\b.*?<\/form>/gs, '')
      .replaceAll(/<time datetime="([^"]*)">.*?<\/time>/gs, '$1')
      .replaceAll(/<br>|<\/(p|div|li|dd)>|<\/?span class="d-block[^>]*>/g, ' '),
  );
  const [, amount] = /^<span class="amount">([^<]*)<\/span>$/.exec(markup.trim()) ?? [];
  return { text, amount: amount === undefined ? undefined : parseTypedAmount(amount.replace(/[^\d,]/g, '')) };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const textOf = (markup: string): string =>
  markup
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim();
