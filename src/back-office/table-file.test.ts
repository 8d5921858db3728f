import { buffer } from 'node:stream/consumers';
import { html } from 'hono/html';
import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../test/back-office.ts';
import { amountOf } from '../../test/bank.ts';
import { bankUnderWay } from '../../test/browser/bank-under-way.ts';
import { table } from './look/table.ts';
import { amountText, instantText, link, ltr, nameText, ribText } from './look/text.ts';
import type { PageAnswer } from './page.ts';
import { asTableFile } from './table-file.ts';
import { wordsOf } from './words/load.ts';

const words = wordsOf('fr');
const read = [{ kind: 'debit.read' as const, subjectId: 'x' }];
const page = (name: string): PageAnswer => ({
  answer: 'PAGE',
  title: 'x',
  read,
  content: html`<p>before</p>${table<string>({
    csv: 'rows',
    caption: 'Rows & more',
    empty: '',
    rows: [name, 'second'],
    columns: [
      { heading: 'Nom', names: true, cell: (row) => link('/x', nameText(row)) },
      { heading: 'Quand', cell: () => instantText(words, new Date('2026-03-01T09:00:00Z')) },
      { heading: 'RIB', cell: () => ribText('00500102444771278214') },
      { heading: 'Numéro', cell: () => ltr('0262992312') },
      {
        heading: 'Montant',
        numeric: true,
        cell: (row) => (row === 'second' ? '' : amountText(words, amountOf('1234567.50'))),
      },
    ],
  })}${table<string>({ csv: 'other', caption: 'x', empty: '', rows: ['not this'], columns: [{ heading: 'x', cell: (row) => row }] })}`,
});

const asked = (name: string) => ({ query: new URLSearchParams({ csv: name }), words, params: { debitId: 'd-1' } });

async function linesOf(answer: PageAnswer): Promise<string[]> {
  if (answer.answer !== 'FILE' || Buffer.isBuffer(answer.content)) throw new Error('a file was expected');
  return (await buffer(answer.content)).toString().slice(1).split('\r\n');
}

test('a table of a page is a file with what the page shows of it, dates and amounts as a spreadsheet takes them', async () => {
  const file = await asTableFile(asked('rows'), page('Éts <b>"A" & B</b> d’Oran'));
  expect(file).toMatchObject({ name: 'd-1-rows.csv', read });
  expect(await linesOf(file)).toEqual([
    '"Nom";"Quand";"RIB";"Numéro";"Montant"',
    `"Éts <b>""A"" & B</b> d’Oran";"2026-03-01T09:00:00.000Z";"'00500102444771278214";"'0262992312";"1234567,50"`,
    `"second";"2026-03-01T09:00:00.000Z";"'00500102444771278214";"'0262992312";`,
    '',
  ]);
});

test('no name makes a formula, a row or a table of its own in the file', async () => {
  const lines = await linesOf(await asTableFile(asked('rows'), page('=1;</td></tr><tr data-csv="rows">&lt;x')));
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain(`"'=1;</td></tr><tr data-csv=""rows"">&lt;x"`);
});

test('a page that is not asked for a table stays a page; one that has no such table has none', async () => {
  const answer = page('A');
  expect(await asTableFile({ ...asked(''), query: new URLSearchParams() }, answer)).toBe(answer);
  for (const name of ['none', '', 'rows">'])
    await expect(asTableFile(asked(name), page('A')), name).rejects.toMatchObject({ kind: 'not-found' });
});

test('the small tables of a debit’s and a mandate’s page are taken out by their links, and journalled as readings', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const supervisor = await office.signIn('supervisor-karim');
  const { rows } = await office.db.owner.query<{ debit_id: string }>(
    "select debit_id from debits where state = 'SETTLED'",
  );
  const readings = async () =>
    (await office.db.owner.query(`select from journal where kind in ('debit.read', 'debits.read', 'mandate.read')`))
      .rowCount;
  const debit = `/debits/${rows[0]?.debit_id}`;
  for (const [path, file] of [
    [debit, `${debit}?csv=claims-confirmation`],
    [debit, `${debit}?csv=records`],
    [`/mandates/${active}`, `/debits/export?mandate=${active}`],
  ] as const) {
    const { body } = await supervisor.get(path);
    expect(body, file).toContain(`href="${file.replace(debit, '')}"`);
    const before = await readings();
    const { status, headers, body: text } = await supervisor.get(file);
    expect([status, headers.get('content-type')?.slice(0, 8)], file).toEqual([200, 'text/csv']);
    expect(text.split('\r\n').length, file).toBeGreaterThan(2);
    expect(await readings(), file).toBe((before ?? 0) + 1);
  }
  expect((await supervisor.get(`/mandates/${active}?csv=none`)).status).toBe(404);
});
