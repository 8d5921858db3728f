import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { cnas, must, requestFor, type TestBankWithGateway } from '../../test/bank.ts';
import { describeWithSchemas, schemaFaults, xmllint } from '../../test/iso-schemas.ts';
import { sealAll, tamper } from '../../test/journal.ts';
import { describeIf } from '../../test/programs.ts';
import { reversing } from '../../test/reversals.ts';
import { insertSettledDebits } from '../../test/settled-debits.ts';
import {
  at,
  changedFiles,
  closeStatements,
  daysAgo,
  fileText,
  inThePast,
  linesIn,
  openBankSince,
  sealAndClose,
  statementOf,
  statementParts,
} from '../../test/statements.ts';
import type { CoreBanking } from '../core-banking/port.ts';
import { cancel } from '../debits/cancel.ts';
import { debitWorks } from '../debits/work.ts';
import { runWork } from '../jobs/run-work.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import { type MandateId, parseEndToEndId } from '../values/ids.ts';
import { maskRib } from '../values/rib.ts';

const today = algiersDay(new Date());
const yesterday = daysAgo(1);

/** Two days: one that settles, one that is refused, one that waits and is cancelled, one that stays in doubt. */
async function twoDays(bank: TestBankWithGateway): Promise<void> {
  const mandateId = await bank.addMandate({ balance: '200000.00' });
  const silent = bank.stepsWith({
    coreBanking: { ...bank.core, debit: async (asked) => asked.map(() => ({ outcome: 'IN_DOUBT' as const })) },
  });
  await inThePast(bank.db, at(daysAgo(2), '10:00:00.000'), async () => {
    await bank.debit({ mandateId, endToEndId: 'SETTLES', amount: '125000.00' });
    await bank.debit({ mandateId, endToEndId: 'REFUSED', amount: '100000.00' });
    await bank.debit({ mandateId, endToEndId: 'WAITS', amount: '10.00', executionDate: addDays(yesterday, 5) });
    await bank.debit({ mandateId, endToEndId: 'DOUBT', amount: '20.00' }, silent);
  });
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), async () => {
    const endToEndId = must(parseEndToEndId('WAITS'));
    await cancel(bank.steps, cnas, endToEndId, requestFor({ creditor: cnas, endToEndId }, bank.clock.now()));
    const burnt = must(parseEndToEndId('BURNT'));
    await cancel(bank.steps, cnas, burnt, requestFor({ creditor: cnas, endToEndId: burnt }, bank.clock.now()));
  });
}

test('what was open at the close stands as it was then, and ends in the statement of the day on which it ended', async () => {
  await using bank = await openBankSince(daysAgo(2));
  await twoDays(bank);
  await sealAndClose(bank);
  const first = await statementOf(bank, daysAgo(2));
  expect(await linesIn(bank.db, first)).toEqual([
    'SETTLED SETTLES',
    'REJECTED REFUSED',
    ...(await inOrderOfIds(bank, ['OPEN SCHEDULED WAITS', 'OPEN IN_DOUBT DOUBT'])),
  ]);
  expect(first.open).toMatchObject({ SCHEDULED: { debits: 1, amount: 1000n }, IN_DOUBT: { debits: 1, amount: 2000n } });
  const second = await statementOf(bank, yesterday);
  expect(await linesIn(bank.db, second)).toEqual(['CANCELLED WAITS', 'CANCELLED BURNT', 'OPEN IN_DOUBT DOUBT']);
  expect(second.cumulative).toMatchObject({
    SETTLED: { debits: 1, amount: 12_500_000n },
    REJECTED: { debits: 1, amount: 10_000_000n },
    CANCELLED: { debits: 2, amount: 1000n },
  });
});

test('whatever becomes of its debits later, a statement is made again byte for byte', async () => {
  await using bank = await openBankSince(daysAgo(2));
  await twoDays(bank);
  await sealAll(bank.db);
  await closeStatements(statementParts(bank));
  const first = await statementOf(bank, daysAgo(2));
  const before = [await fileText(bank.db, first, 'csv'), await fileText(bank.db, first, 'camt054')];
  await reversing(bank).reverse({ endToEndId: 'SETTLES' });
  // A correction takes the reasons off the rejected debit; the account that is credited changes too.
  await tamper(
    bank.db,
    `update debits set reason = null, shown_reason = null, state = 'EXECUTING', rejection_jti = null where end_to_end_id = 'REFUSED'`,
    `update debits set state = 'CANCELLED', holds_declaration = false, holds_ceiling = false where end_to_end_id = 'DOUBT'`,
    `update creditors set collection_account = '00500102444771278214'`,
  );
  expect([await fileText(bank.db, first, 'csv'), await fileText(bank.db, first, 'camt054')]).toEqual(before);
  expect(await changedFiles(bank.db, await statementOf(bank, daysAgo(2)))).toEqual([]);
});

test('an open debit stays under the mandate that it had at the close, also when the one that replaced it has run it', async () => {
  await using bank = await openBankSince(yesterday);
  const old = await bank.addMandate();
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), () =>
    bank.debit({ mandateId: old, endToEndId: 'WAITS', executionDate: addDays(today, 1) }),
  );
  await sealAndClose(bank);
  const statement = await statementOf(bank, yesterday);
  expect(statement.openLines).toBe(1);
  await bank.db.owner.query(
    `update mandates set state = 'REPLACED', state_since = clock_timestamp() where mandate_id = $1`,
    [old],
  );
  const next = await bank.addMandate({ chainId: old });
  const { rows } = await runTo(bank, addDays(today, 5));
  expect(rows).toEqual([{ state: 'SETTLED', mandate_id: next }]);
  expect(await fileText(bank.db, statement, 'jsonLines')).toContain(old);
  expect(await changedFiles(bank.db, statement)).toEqual([]);
});

/** Day after day at noon, everything that is due. */
async function runTo({ clock, db, steps }: TestBankWithGateway, last: Day) {
  const onFault = (_name: unknown, fault: unknown) => expect.fail(String(fault));
  for (let day = addDays(today, 1); day <= last; day = addDays(day, 1)) {
    clock.set(at(day, '12:00:00.000'));
    for (let round = 0; round < 2; round += 1)
      for (const work of debitWorks(steps, new Map()))
        await runWork(work, await work.due(64), { db: db.gateway, onFault });
  }
  return db.owner.query('select state, mandate_id from debits');
}

test('the CSV has a header, a record a line with CRLF, and what the creditor matches by', async () => {
  await using bank = await openBankSince(daysAgo(2));
  await twoDays(bank);
  await sealAndClose(bank);
  const text = await fileText(bank.db, await statementOf(bank, daysAgo(2)), 'csv');
  expect(text.split('\r\n')).toHaveLength(6);
  const records: Record<string, string>[] = parse(text, { columns: true });
  expect(records[0]).toMatchObject({
    ...{ outcome: 'SETTLED', endToEndId: 'SETTLES', amount: '125000.00', currency: 'DZD', reasonCode: '' },
    ...{ employerNumber: '0262992312', debitedAccount: expect.stringMatching(/^005\*{13}\d{4}$/) },
    bookingReference: expect.stringMatching(/./),
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(records[1]).toMatchObject({ outcome: 'REJECTED', reasonCode: 'AM04', bookingReference: '' });
});

/** References that a spreadsheet would read as a formula: the core's, and the creditor's own. */
async function dayOfFormulas(bank: TestBankWithGateway): Promise<void> {
  const mandateId = await bank.addMandate();
  const booking = bank.stepsWith({
    coreBanking: {
      ...bank.core,
      debit: async (asked) =>
        (await bank.core.debit(asked)).map((moved) =>
          moved.outcome === 'MOVED'
            ? { ...moved, booking: { ...moved.booking, bookingReference: '-1+cmd|x!A0' } }
            : moved,
        ),
    },
  });
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), async () => {
    await bank.debit({ mandateId, endToEndId: '-1', declaration: '-2' }, booking);
    await bank.debit({ mandateId, endToEndId: '-3', executionDate: addDays(today, 5) });
  });
  await sealAndClose(bank);
}

test('no cell of the CSV is a formula, whatever the core and the creditor call things', async () => {
  await using bank = await openBankSince(yesterday);
  await dayOfFormulas(bank);
  const statement = await statementOf(bank, yesterday);
  const records: Record<string, string>[] = parse(await fileText(bank.db, statement, 'csv'), { columns: true });
  expect(records).toMatchObject([
    { endToEndId: "'-1", declaration: "'-2", bookingReference: "'-1+cmd|x!A0" },
    { endToEndId: "'-3", outcome: 'OPEN' },
  ]);
  for (const cell of records.flatMap((record) => Object.values(record))) expect(cell).not.toMatch(/^[-=+@|%]/);
  expect(await changedFiles(bank.db, statement)).toEqual([]);
});

test('a statement that was closed in the form of before is that one still, byte for byte', async () => {
  await using bank = await openBankSince(yesterday);
  await dayOfFormulas(bank);
  const closed = await statementOf(bank, yesterday);
  const before = (await fileText(bank.db, closed, 'csv')).replaceAll("'", '');
  await tamper(
    bank.db,
    `update statements set format = default, csv_bytes = ${Buffer.byteLength(before)},
       csv_digest = '\\x${createHash('sha256').update(before).digest('hex')}'`,
  );
  const statement = await statementOf(bank, yesterday);
  expect(await fileText(bank.db, statement, 'csv')).toBe(before);
  expect(before).toContain('-1+cmd|x!A0');
  expect(await changedFiles(bank.db, statement)).toEqual([]);
  await tamper(bank.db, 'update statements set format = 9');
  await expect(fileText(bank.db, await statementOf(bank, yesterday), 'csv')).rejects.toThrow('newer program');
});

describeWithSchemas('camt.054', () => {
  test('is valid, with a credit entry for each settlement and a debit entry for each reversal, and their totals', async () => {
    await using bank = await openBankSince(daysAgo(2));
    await twoDays(bank);
    await inThePast(bank.db, at(yesterday, '15:00:00.000'), () => reversing(bank).reverse({ endToEndId: 'SETTLES' }));
    await sealAndClose(bank);
    const [first, second] = [
      await fileText(bank.db, await statementOf(bank, daysAgo(2)), 'camt054'),
      await fileText(bank.db, await statementOf(bank, yesterday), 'camt054'),
    ];
    for (const file of [first, second]) expect(schemaFaults('camt.054.001.08', Buffer.from(file))).toEqual([]);
    expect(first.match(/<Ntry>/g)).toHaveLength(1);
    expect(first).toContain('<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>125000.00</Sum></TtlCdtNtries>');
    expect(first).toContain('<EndToEndId>SETTLES</EndToEndId>');
    const employer = maskRib(await bank.debtorOf(await soleMandate(bank)));
    for (const file of [first, second]) expect(file).toContain(`<DbtrAcct><Id><Othr><Id>${employer}</Id>`);
    expect(second).toContain('<CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>');
    expect(second).toContain('<TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>125000.00</Sum></TtlDbtNtries>');
  });

  test('is valid for a day on which nothing moved', async () => {
    await using bank = await openBankSince(yesterday);
    await sealAndClose(bank);
    const file = await fileText(bank.db, await statementOf(bank, yesterday), 'camt054');
    expect(schemaFaults('camt.054.001.08', Buffer.from(file))).toEqual([]);
    expect(file).not.toContain('<Ntry>');
  });

  describeIf('xmllint', 'libxml2-utils')('and for a program that is not ours', () => {
    test('it is valid, with a settlement, a reversal, and nothing at all', async () => {
      await using bank = await openBankSince(daysAgo(3));
      await twoDays(bank);
      await inThePast(bank.db, at(yesterday, '15:00:00.000'), () => reversing(bank).reverse({ endToEndId: 'SETTLES' }));
      await sealAndClose(bank);
      const entries: number[] = [];
      for (const day of [3, 2, 1].map(daysAgo)) {
        const file = await fileText(bank.db, await statementOf(bank, day), 'camt054');
        xmllint('camt.054.001.08', Buffer.from(file));
        entries.push(file.split('<Ntry>').length - 1);
      }
      expect(entries).toEqual([0, 1, 1]);
    });

    test('it is valid with many entries, one of them given back the same day, and booking references as long as they may be', async () => {
      await using bank = await openBankSince(yesterday);
      const mandateId = await bank.addMandate();
      const references = [35, 36, 70].map((length) => '&<>-/'.padEnd(length, 'B'));
      await inThePast(bank.db, at(yesterday, '10:00:00.000'), async () => {
        for (const reference of references) {
          const steps = bank.stepsWith({ coreBanking: bookingBy(bank.core, reference) });
          await bank.debit({ mandateId, endToEndId: `L-${reference.length}`, amount: '10.00' }, steps);
        }
        await reversing(bank).reverse({ endToEndId: 'L-36' });
      });
      await sealAndClose(bank);
      const file = await fileText(bank.db, await statementOf(bank, yesterday), 'camt054');
      expect(schemaFaults('camt.054.001.08', Buffer.from(file))).toEqual([]);
      xmllint('camt.054.001.08', Buffer.from(file));
      expect(file.split('<Ntry>')).toHaveLength(5);
      expect(file).toContain('<RvslInd>true</RvslInd>');
      const [short = '', long = '', longest = ''] = references.map(xmlEscaped);
      expect(file).toContain(`<AcctSvcrRef>${short}</AcctSvcrRef>`);
      for (const reference of [long, longest]) expect(file).toContain(`<AddtlNtryInf>${reference}</AddtlNtryInf>`);
    });
  });
});

test('ten thousand lines come to the totals of the debits themselves, and are the bytes that were signed', async () => {
  await using bank = await openBankSince(yesterday);
  const mandateId = await bank.addMandate();
  await insertSettledDebits(bank.db, { mandateId, count: 10_000, instant: at(yesterday, '09:00:00.000') });
  await sealAndClose(bank);
  const statement = await statementOf(bank, yesterday);
  const { rows } = await bank.db.owner.query<{ sum: string }>('select sum(amount) from debits');
  expect(statement.figures.SETTLED).toEqual({ debits: 10_000, amount: BigInt(rows[0]?.sum ?? 0) });
  const lines = (await fileText(bank.db, statement, 'jsonLines')).trimEnd().split('\n');
  const centimes = lines.map((line) => BigInt(JSON.parse(line).amount.replace('.', '')));
  expect(centimes.reduce((sum, amount) => sum + amount, 0n)).toBe(statement.figures.SETTLED.amount);
  expect(await changedFiles(bank.db, statement)).toEqual([]);
}, 120_000);

/** The core's own books, under another name for each booking. */
const bookingBy = (core: CoreBanking, bookingReference: string): CoreBanking => ({
  ...core,
  debit: async (instructions) =>
    (await core.debit(instructions)).map((moved) =>
      moved.outcome === 'MOVED' ? { ...moved, booking: { ...moved.booking, bookingReference } } : moved,
    ),
});

const xmlEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

async function inOrderOfIds({ db }: TestBankWithGateway, lines: string[]): Promise<string[]> {
  const { rows } = await db.owner.query<{ name: string }>('select end_to_end_id as name from debits order by debit_id');
  return rows.flatMap(({ name }) => lines.filter((line) => line.endsWith(` ${name}`)));
}

async function soleMandate({ db }: TestBankWithGateway): Promise<MandateId> {
  const { rows } = await db.owner.query<{ mandate_id: MandateId }>('select mandate_id from mandates');
  return must(rows[0]?.mandate_id);
}
