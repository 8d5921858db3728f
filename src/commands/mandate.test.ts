import { execFile } from 'node:child_process';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { type MandateBank, officer, openMandateBank, supervisor } from '../../test/mandates.ts';
import { readAttachedToken } from '../documents/read-certificate.ts';
import { openTypesetter } from '../documents/typesetter.ts';
import { makeDevelopmentKeys } from '../signing/keys.ts';
import { parseMandateId } from '../values/ids.ts';
import { jsonOf, runMandate } from './mandate.ts';
import { acts } from './mandate-usage.ts';

function commandLine(bank: MandateBank, opened = new AsyncDisposableStack()) {
  const program = {
    desk: bank.desk,
    bank: { nameFr: 'Banque partenaire', nameAr: 'البنك الشريك' },
    environment: 'test' as const,
    keysAddress: () => 'https://localhost:8445/.well-known/jwks.json',
    typesetter: () => opened.use(openTypesetter()),
  };
  return (...words: string[]) => runMandate(async () => program, words);
}

const idIn = ({ value }: { value: object }): string => ('mandateId' in value ? String(value.mandateId) : '');
const hashIn = ({ value }: { value: object }): string => ('contentHash' in value ? String(value.contentHash) : '');

const byTwo = ['--by', officer, '--approved-by', supervisor, '--reason', 'Seizure order 77'];
const sample = ['enter', '--by', officer, '--sample', '0262992312'];

test('the whole of the staff’s part goes by the command line: enter, change, submit, certify, suspend, resume, revoke', async () => {
  await using bank = await openMandateBank();
  const run = commandLine(bank);
  const id = idIn(await run(...sample));
  expect(await run('change', id, '--by', officer, '--per-period', '250000.00', '--phone', '')).toMatchObject({
    done: true,
  });
  const submitted = await run('submit', id, '--by', officer);
  expect(submitted.lines).toEqual([`${id} is PENDING_CERTIFICATION, content hash ${hashIn(submitted)}`]);
  const certify = ['certify', id, '--seen', hashIn(submitted)];
  expect(await run(...certify, '--by', officer)).toEqual({
    done: false,
    value: { outcome: 'SAME_PERSON' },
    lines: ['officer-amel entered, changed or submitted this mandate: another person must do this'],
  });
  expect((await run(...certify, '--by', supervisor)).lines[0]).toContain('is CERTIFIED');
  expect(await run('suspend', id, ...byTwo)).toMatchObject({
    lines: ["the mandate is CERTIFIED: this can't be done in that state"],
  });
  await bank.accept(asId(id));
  expect(await run('suspend', id, ...byTwo, '--approved-by', officer)).toMatchObject({
    value: { outcome: 'SAME_PERSON' },
    lines: ["officer-amel can't approve what they proposed: another person must"],
  });
  await expect(run('suspend', id, ...byTwo, '--told', 'seizure')).rejects.toThrow('--told is one of employer-request');
  for (const [act, state] of [
    ['suspend', 'SUSPENDED'],
    ['resume', 'ACTIVE'],
    ['revoke', 'REVOKED'],
  ] as const) {
    expect(await run(act, id, ...byTwo)).toMatchObject({ value: { state } });
  }
  const shown = (await run('show', id)).lines.join('\n');
  for (const part of ['REVOKED', '250000.00 a month', '005 00102 4447712782 14', 'Seizure order 77', 'ش.ذ.م.م الهضاب'])
    expect(shown).toContain(part);
  expect((await run('list', '--state', 'REVOKED')).lines).toEqual([expect.stringContaining(id)]);
  expect((await run('list', '--state', 'ACTIVE')).lines).toEqual(['none']);
});

test('what is submitted is sent back or refused with a reason', async () => {
  await using bank = await openMandateBank();
  const run = commandLine(bank);
  const id = idIn(await run(...sample));
  await run('submit', id, '--by', officer);
  expect(await run('send-back', id, '--by', supervisor, '--reason', 'The form says 250,000')).toMatchObject({
    done: true,
  });
  await run('submit', id, '--by', officer);
  await expect(run('refuse', id, '--by', supervisor, '--reason', 'no')).rejects.toThrow('3 to 500');
  expect(await run('refuse', id, '--by', supervisor, '--reason', 'No power of attorney')).toMatchObject({
    value: { state: 'REFUSED' },
  });
});

test('every fault of a request is printed at once, by the option’s name', async () => {
  await using bank = await openMandateBank();
  const run = commandLine(bank);
  const told = await run(...sample, '--rib', '00100102444771278214', '--to', '2020-01-01', '--name-ar', 'Latin');
  expect(told.done).toBe(false);
  expect(told.lines).toEqual([
    '--rib is of bank 001: only accounts at this bank (005) are debited',
    '--to is in the past',
    '--to is before the first day',
    '--name-ar has no Arabic letter',
  ]);
});

test('the certificate is written as a token, or as a PDF that carries it, readable by its owner alone', async () => {
  await using bank = await openMandateBank();
  await using opened = new AsyncDisposableStack();
  const run = commandLine(bank, opened);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mandate-'));
  const [tokenFile, pdfFile] = [path.join(folder, 'c.jws'), path.join(folder, 'c.pdf')];
  const draft = idIn(await run(...sample));
  expect((await run('certificate', draft, '--out', tokenFile)).lines).toEqual([
    'the mandate is DRAFT: it has no certificate',
  ]);
  const mandateId = await bank.certified();
  await run('certificate', mandateId, '--out', tokenFile);
  await run('certificate', mandateId, '--out', pdfFile);
  const token = await bank.token(mandateId);
  expect(await readFile(tokenFile, 'utf8')).toBe(token);
  expect(await readAttachedToken(await readFile(pdfFile))).toBe(token);
  expect((await stat(pdfFile)).mode & 0o077).toBe(0);
});

test('each act explains itself, and what can’t be read is told with its usage', async () => {
  const run = (...words: string[]) => runMandate(() => Promise.reject(new Error('nothing is opened')), words);
  expect((await run()).lines[0]).toContain('enter --by PERSON');
  for (const act of acts) expect((await run(act, '--help')).lines[0]).toContain(`npm run mandate -- ${act}`);
  await expect(run('approve')).rejects.toThrow('approve is no act');
  await expect(run('submit', 'x', '--seen', 'y')).rejects.toThrow('--seen');
  await expect(run('submit', 'x', 'y')).rejects.toThrow('what is y?');
});

test('an act without its person, with one of two spellings, or on nothing is told so', async () => {
  await using bank = await openMandateBank();
  const run = commandLine(bank);
  const id = await bank.enter();
  await expect(run('submit', id)).rejects.toThrow('--by is missing');
  await expect(run('submit', id, '--by', 'Officer-Amel')).rejects.toThrow('small letters');
  await expect(run('submit', '--by', officer)).rejects.toThrow('id is missing');
  await expect(run('submit', 'M-1', '--by', officer)).rejects.toThrow('no mandate id');
  expect(await run('submit', crypto.randomUUID(), '--by', officer)).toMatchObject({
    lines: ['no mandate has this id'],
  });
  expect(jsonOf((await run('show', id)).value)).toContain('"perDebitCeiling": "15000000"');
});

test('as a program it works on the database that the settings name, prints JSON, and is refused in production', async () => {
  await using bank = await openMandateBank();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mandate-'));
  await makeDevelopmentKeys(path.join(folder, 'keys'), new Date());
  const settings = {
    GATEWAY_DATABASE_URL: bank.db.url.gateway,
    GATEWAY_LEDGER_DATABASE_URL: bank.db.url.ledger,
    GATEWAY_DATA_FOLDER: folder,
  };
  const entered = await program([...sample, '--json'], settings);
  expect(JSON.parse(entered.stdout)).toMatchObject({ outcome: 'ENTERED' });
  expect(entered.code).toBe(0);
  const faulty = await program([...sample, '--rib', '1'], settings);
  expect(faulty).toMatchObject({
    code: 1,
    stdout: '--rib is no RIB: twenty digits whose last two are the right key\n',
  });
  for (const production of [{ NODE_ENV: 'production' }, { GATEWAY_ENVIRONMENT: 'production' }]) {
    const refused = await program(['list'], { ...settings, ...production });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('refused in production') });
  }
});

const asId = (text: string) => must(parseMandateId(text));

function program(
  words: readonly string[],
  settings: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = fileURLToPath(new URL('./mandate.ts', import.meta.url));
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...words], { env }, (fault, stdout, stderr) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), stdout, stderr });
    });
  });
}
