import { expect, test } from 'vitest';
import { morning, officer, openMandateBank } from '../../test/mandates.ts';
import { confirmImport, forgetImports, importLines, previewImport, readImport } from './import.ts';
import { importColumns } from './import-file.ts';

const heading =
  'employer_number;rib;name_fr;name_ar;per_debit_ceiling;period_ceiling;period;valid_from;valid_to;hand_over';
const hidhabLine =
  '0262992312;00500102444771278214;SARL El Hidhab;ش.ذ.م.م الهضاب;150 000,00;300000.00;mois;01/03/2026;2026-12-31;yes';
const sahelLine =
  "'1681924865;'00500116417777786841;EURL Sahel;م.ذ.ش.و الساحل;25000000;50000000,00;MONTH;2026-03-01;2026-12-31;";
const member = { by: officer, from: '192.0.2.7', agencies: 'ALL' as const };
const bytesOf = (...lines: string[]) => Buffer.from(`${[heading, ...lines].join('\r\n')}\r\n`);

async function preview(bank: Awaited<ReturnType<typeof openMandateBank>>, bytes: Buffer, by = officer) {
  const outcome = await previewImport(bank.desk, { ...member, by, bytes, creditor: 'CNAS' });
  if (outcome.outcome !== 'PREVIEW') throw new Error(JSON.stringify(outcome));
  return outcome.importId;
}
const rowsOf = async ({ db }: Awaited<ReturnType<typeof openMandateBank>>, text: string) =>
  (await db.owner.query<Record<string, unknown>>(text)).rows;

test('a preview makes no mandate; its confirmation enters the good lines, as what the file said, with their journal', async () => {
  await using bank = await openMandateBank();
  const bad = hidhabLine.replace('00500102444771278214', '00500102444771278215').replace('SARL El Hidhab', '');
  const importId = await preview(bank, bytesOf(hidhabLine, bad, sahelLine));
  expect(await readImport(bank.pool, { importId, by: officer, now: morning })).toMatchObject({ lines: 3, faulty: 1 });
  const [, second] = await importLines(bank.pool, { importId, after: 0, limit: 10, faulty: false });
  expect([second?.line, second?.faults.map(({ field, code }) => `${field} ${code}`)]).toEqual([
    3,
    ['rib not-a-rib', 'nameFr missing'],
  ]);
  expect(await rowsOf(bank, 'select from mandates')).toEqual([]);
  expect(await confirmImport(bank.desk, { ...member, importId, submit: true })).toEqual({
    outcome: 'ENTERED',
    entered: 2,
  });
  expect(
    await rowsOf(
      bank,
      `select name_fr, rib, state, period_ceiling, hand_over, makers, line, asked ->> 'rib' as asked
         from mandates join mandate_debtors using (mandate_id) join request_sources using (mandate_id) order by line`,
    ),
  ).toEqual([
    {
      ...{ name_fr: 'SARL El Hidhab', rib: '00500102444771278214', state: 'PENDING_CERTIFICATION' },
      ...{ period_ceiling: '30000000', hand_over: true, makers: [officer], line: 2, asked: '00500102444771278214' },
    },
    {
      ...{ name_fr: 'EURL Sahel', rib: '00500116417777786841', state: 'PENDING_CERTIFICATION' },
      ...{ period_ceiling: '5000000000', hand_over: false, makers: [officer], line: 4, asked: '00500116417777786841' },
    },
  ]);
  const journal = await rowsOf(bank, 'select kind, to_state, actor, detail from journal order by entry_id');
  expect(journal.map(({ kind, to_state }) => `${String(kind)} ${String(to_state)}`)).toEqual([
    'mandate.entered DRAFT',
    'mandate.submitted PENDING_CERTIFICATION',
    'mandate.entered DRAFT',
    'mandate.submitted PENDING_CERTIFICATION',
  ]);
  expect(journal[0]).toMatchObject({ actor: officer, detail: { from: '192.0.2.7', import: importId } });
});

test('what was imported is certified like any other request, and never by who imported it', async () => {
  await using bank = await openMandateBank();
  const importId = await preview(bank, bytesOf(hidhabLine.replace('El Hidhab', 'El Hidhab Construction')));
  const [line] = await importLines(bank.pool, { importId, after: 0, limit: 1, faulty: false });
  await confirmImport(bank.desk, { ...member, importId, submit: true });
  if (line === undefined) throw new Error('there is a line');
  expect(await bank.certify(line.mandateId, { by: officer })).toEqual({ outcome: 'SAME_PERSON' });
  expect(await bank.certify(line.mandateId)).toMatchObject({ outcome: 'DONE' });
});

test('confirmed twice, also at once, it is entered once', async () => {
  await using bank = await openMandateBank();
  const importId = await preview(bank, bytesOf(hidhabLine, sahelLine));
  const confirm = () => confirmImport(bank.desk, { ...member, importId, submit: false });
  const outcomes = await Promise.all([confirm(), confirm(), confirm()]);
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
    'CONFIRMED_BEFORE',
    'CONFIRMED_BEFORE',
    'ENTERED',
  ]);
  expect(await confirm()).toEqual({ outcome: 'CONFIRMED_BEFORE' });
  expect(await rowsOf(bank, 'select from mandates')).toHaveLength(2);
  expect(await rowsOf(bank, 'select from journal')).toHaveLength(2);
});

test('a preview is its maker’s alone, one at a time, and ends after a day', async () => {
  await using bank = await openMandateBank();
  const first = await preview(bank, bytesOf(hidhabLine));
  expect(await readImport(bank.pool, { importId: first, by: 'officer-lila', now: morning })).toBeUndefined();
  expect(await confirmImport(bank.desk, { ...member, by: 'officer-lila', importId: first, submit: false })).toEqual({
    outcome: 'NOT_FOUND',
  });
  const second = await preview(bank, bytesOf(sahelLine));
  expect(await readImport(bank.pool, { importId: first, by: officer, now: morning })).toBeUndefined();
  bank.setNow(new Date(morning.getTime() + 24 * 3_600_000 + 1));
  expect(await confirmImport(bank.desk, { ...member, importId: second, submit: false })).toEqual({
    outcome: 'NOT_FOUND',
  });
  expect(await forgetImports({ db: bank.pool, now: bank.desk.now })).toBe(1);
  expect(
    await rowsOf(bank, 'select import_id from request_imports union select import_id from request_import_lines'),
  ).toEqual([]);
  expect(await rowsOf(bank, 'select from mandates')).toEqual([]);
});

test('a line that is good no more is not entered, nor is any other: the file is looked at again', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted();
  const replacing = `${hidhabLine};${old};ceilings-changed;New form`;
  const bytes = Buffer.from(`${heading};replaces;replace_reason;replace_remark\n${replacing}\n${sahelLine};;;\n`);
  const importId = await preview(bank, bytes);
  await bank.db.owner.query("update mandates set state = 'REVOKED'");
  expect(await confirmImport(bank.desk, { ...member, importId, submit: false })).toEqual({
    outcome: 'CHANGED',
    lines: [2],
  });
  expect(await rowsOf(bank, 'select from mandates')).toHaveLength(1);
});

test('a line of another agency, of no creditor, twice the same, or replacing what is not seen is a fault', async () => {
  await using bank = await openMandateBank();
  const mine = { ...member, agencies: ['00102'] };
  const other = await bank
    .accepted({ employerNumber: '1681924865', rib: '00500120400170002194' })
    .catch(() => undefined);
  expect(other).toBeUndefined();
  const bytes = Buffer.from(
    [
      `creditor;${heading};replaces;replace_reason;replace_remark`,
      `CNAS;${hidhabLine};;;`,
      `CNAS;${sahelLine};;;`,
      `CNOS;${hidhabLine};;;`,
      `CNAS;${hidhabLine};;;`,
      `CACOBATPH;${hidhabLine};0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e;account-changed;New account`,
      `CACOBATPH;${hidhabLine.replace('0262992312', '0262992313')};0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e;whim;`,
    ].join('\n'),
  );
  const made = await previewImport(bank.desk, { ...mine, bytes, creditor: 'CNAS' });
  if (made.outcome !== 'PREVIEW') throw new Error(JSON.stringify(made));
  const lines = await importLines(bank.pool, { importId: made.importId, after: 0, limit: 10, faulty: false });
  expect(lines.map(({ faults }) => faults.map(({ code }) => code))).toEqual([
    [],
    ['other-agency'],
    ['creditor-unknown'],
    ['same-as-line'],
    ['replaces-unknown'],
    ['not-a-replace-reason', 'missing'],
  ]);
});

test.for([
  ['', { fault: 'EMPTY' }],
  [heading, { fault: 'NO_LINES' }],
  [`${heading};iban\n${hidhabLine};x`, { fault: 'UNKNOWN_COLUMN', column: 'iban' }],
  [`${heading};rib\n${hidhabLine};x`, { fault: 'COLUMN_TWICE', column: 'rib' }],
  [heading.replace('name_ar;', ''), { fault: 'MISSING_COLUMN', column: 'name_ar' }],
  [`${heading}\n${hidhabLine};one more`, { fault: 'MALFORMED', line: 2 }],
  [`${heading}\n${hidhabLine}\n"never closed`, { fault: 'MALFORMED', line: 3 }],
  [`${heading}\n${`${hidhabLine}\n`.repeat(5001)}`, { fault: 'TOO_MANY_LINES', most: 5000 }],
] as const)('a file that can’t be read says why: %#', async ([text, fault]) => {
  await using bank = await openMandateBank();
  expect(await previewImport(bank.desk, { ...member, bytes: Buffer.from(text), creditor: 'CNAS' })).toEqual({
    outcome: 'FILE_FAULT',
    fault,
  });
});

test('commas and a byte order mark are as good as semicolons; another encoding is refused', async () => {
  await using bank = await openMandateBank();
  const commas = `\ufeff${Object.values(importColumns).join(',')}
CACOBATPH,0262992312,00500102444771278214,"Éts ""A, B""",مؤسسة أ,,,0716480894,150000.00,300000.00,MONTH,2026-03-01,2026-12-31,,,,`;
  const importId = await preview(bank, Buffer.from(commas));
  const [line] = await importLines(bank.pool, { importId, after: 0, limit: 1, faulty: false });
  expect([line?.faults, line?.typed.nameFr, line?.typed.creditor]).toEqual([[], 'Éts "A, B"', 'CACOBATPH']);
  const latin = Buffer.from(`${heading}\n${hidhabLine.replace('El', 'Él')}`, 'latin1');
  expect(await previewImport(bank.desk, { ...member, bytes: latin, creditor: 'CNAS' })).toMatchObject({
    fault: { fault: 'NOT_UTF8' },
  });
});

test('five thousand lines are entered by one statement within its time', async () => {
  await using bank = await openMandateBank();
  const lines = Array.from({ length: 5000 }, (_, at) => hidhabLine.replace('0262992312', String(at).padStart(10, '0')));
  const importId = await preview(bank, bytesOf(...lines));
  expect(await confirmImport(bank.desk, { ...member, importId, submit: true })).toEqual({
    outcome: 'ENTERED',
    entered: 5000,
  });
  expect(await rowsOf(bank, 'select count(*) from mandates')).toEqual([{ count: '5000' }]);
}, 30_000);
