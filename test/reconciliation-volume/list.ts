import type { ListMediaType } from '../../src/statements/reconciliation.ts';
import { type Centimes, formatAmount, parseAmount, sumOf } from '../../src/values/centimes.ts';
import type { Day } from '../../src/values/dates.ts';
import { must } from '../bank.ts';

/** What a list that was made here must come to. */
export type ListFigures = Record<'matched' | 'differing' | 'missing' | 'repeated' | 'unexpected', number>;

type Line = { endToEndId: string; amount: string; currency: string; declaration: string; employerNumber: string };

const [differing, missing, repeated] = [10, 7, 3];

/** So many lines for as many settled debits (`test/settled-debits.ts`): nearly all agree, and a few of each other outcome. */
export function makeList(mediaType: ListMediaType, day: Day, count: number): { body: Buffer; figures: ListFigures } {
  const known = count - missing - repeated;
  const wrong = new Set(Array.from({ length: differing }, (_, at) => Math.floor((at * known) / differing) + 1));
  const one = must(parseAmount('0.01'));
  const lineOf = (n: number): Line => {
    const settled = amountOf(n);
    return line(nameOf(n), wrong.has(n) ? sumOf([settled, one]) : settled);
  };
  const pieces: Buffer[] = [Buffer.from(head(mediaType, day))];
  const add = (lines: readonly Line[], isLast: boolean) =>
    void pieces.push(Buffer.from(text(mediaType, lines, isLast)));
  const atOnce = 10_000;
  for (let first = 1; first <= known; first += atOnce)
    add(
      Array.from({ length: Math.min(atOnce, known - first + 1) }, (_, at) => lineOf(first + at)),
      false,
    );
  add(
    [
      ...Array.from({ length: missing }, (_, at) => line(`NEVER-${at}`, one)),
      ...Array.from({ length: repeated }, (_, at) => lineOf(at + 2)),
    ],
    true,
  );
  return {
    body: Buffer.concat(pieces),
    figures: { matched: known - differing, differing, missing, repeated, unexpected: missing + repeated },
  };
}

const nameOf = (n: number): string => `V-1-${String(n).padStart(7, '0')}`;
const amountOf = (n: number): Centimes =>
  must(parseAmount(`${100 + Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`));
const line = (endToEndId: string, amount: Centimes): Line => ({
  ...{ endToEndId, amount: formatAmount(amount), currency: 'DZD' },
  ...{ declaration: endToEndId, employerNumber: '0262992312' },
});

function head(mediaType: ListMediaType, day: Day): string {
  switch (mediaType) {
    case 'application/json':
      return `{"date":"${day}","lines":[\n`;
    case 'application/x-ndjson':
      return `{"date":"${day}"}\n`;
    case 'text/csv':
      return `date,${day}\r\nendToEndId,amount,currency,declaration,employerNumber\r\n`;
  }
}

function text(mediaType: ListMediaType, lines: readonly Line[], isLast: boolean): string {
  switch (mediaType) {
    case 'application/json':
      return `${lines.map((one) => JSON.stringify(one)).join(',\n')}${isLast ? '\n]}\n' : ',\n'}`;
    case 'application/x-ndjson':
      return lines.map((one) => `${JSON.stringify(one)}\n`).join('');
    case 'text/csv':
      return lines.map((one) => `${Object.values(one).join(',')}\r\n`).join('');
  }
}
