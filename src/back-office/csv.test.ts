import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { amountOf, must } from '../../test/bank.ts';
import { csvFile, pageByPage } from './csv.ts';
import type { Language } from './words/words.ts';

type Row = { name: string; number: string; amount: string };

async function exported(language: Language, rows: readonly Row[]): Promise<string> {
  const file = csvFile<Row>(
    { language },
    'list.csv',
    [
      { title: 'Name', kind: 'TEXT', of: (row) => row.name },
      { title: 'Number', kind: 'CODE', of: (row) => row.number },
      { title: 'Amount', kind: 'AMOUNT', of: (row) => amountOf(row.amount) },
    ],
    rows,
  );
  if (Buffer.isBuffer(file.content)) throw new Error('a stream was expected');
  return (await buffer(file.content)).toString();
}

test('an export begins with the mark of UTF-8, keeps zeros, and writes amounts as the reader’s spreadsheet does', async () => {
  const row = { name: 'صندوق "Hidhab"; Fils', number: '0262992312', amount: '1234.50' };
  expect(
    Buffer.from(await exported('fr', [row]))
      .subarray(0, 3)
      .toString('hex'),
  ).toBe('efbbbf');
  expect((await exported('fr', [row])).slice(1)).toBe(
    `"Name";"Number";"Amount"\r\n"صندوق ""Hidhab""; Fils";"'0262992312";"1234,50"\r\n`,
  );
  expect((await exported('en', [row])).split('\r\n')[1]).toBe(`"صندوق ""Hidhab""; Fils","'0262992312","1234.50"`);
});

test('no cell of an export is a formula, however it begins', async () => {
  for (const name of [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '  =1',
    '\n=1',
    '＝1',
    '=HYPERLINK("x")',
    '|calc',
  ])
    for (const number of [name, '1']) {
      const line = (await exported('en', [{ name, number, amount: '1.00' }])).slice(1).split('"\r\n"')[1];
      expect(must(line).startsWith(`'`)).toBe(true);
    }
  expect(await exported('en', [{ name: 'A-B = C', number: 'x', amount: '1.00' }])).toContain('"A-B = C"');
});

test('no cell becomes a formula in a spreadsheet that parts lines at another separator, whatever it makes of quotes', async () => {
  const names = ['A;=cmd', 'A,=cmd', 'A\t=cmd', 'A; "=cmd"', 'A;;=cmd', 'A"";=cmd', 'A\r\n@x', 'A;＝cmd', 'A|=cmd'];
  for (const language of ['fr', 'en'] as const)
    for (const name of names) {
      const line = (await exported(language, [{ name, number: name, amount: '1.00' }])).slice(1);
      for (const separator of [';', ',', '\t', '|'])
        for (const cell of line.split(/\r?\n|\r/).flatMap((one) => one.split(separator)))
          expect(cell.replace(/^["\s]+/, ''), `${language} ${JSON.stringify(name)} ${separator}`).not.toMatch(
            /^[=+\-@|%＝]/,
          );
    }
  expect(await exported('en', [{ name: 'Atlas, Fils; Cie', number: 'x', amount: '1.00' }])).toContain(
    '"Atlas, Fils; Cie"',
  );
});

test('a list is exported page by page to its end', async () => {
  const read = async (after = 0) => [after + 1, after + 2].filter((row) => row <= 5);
  expect(await Array.fromAsync(pageByPage(read))).toEqual([1, 2, 3, 4, 5]);
});
