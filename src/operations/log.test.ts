import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { withoutValues } from './fault.ts';
import { type LogFields, openLog } from './log.ts';

const rib = '00500120400170002194';
const name = 'SARL El Hidhab';

/** A log whose lines are kept. */
function keptLog() {
  const lines: string[] = [];
  const log = openLog({ logLevel: 'debug' }, { write: (line) => lines.push(line) });
  return { log, lines, written: () => lines.join('') };
}

/** As it comes from JSON or from a library, without a type to hold it. */
const untyped = (fields: unknown): LogFields => Object.assign({}, fields);

test('a line is JSON with its level, its time, its message and the fields that have a rule', () => {
  const { log, lines } = keptLog();
  const requestId = '0198f0c2-9f00-7b1c-8a55-10c2d3e4f506';
  log.info({ requestId, operationId: 'putDebit', status: 201, seconds: 0.012, creditor: 'CNAS' }, 'request answered');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    msg: 'request answered',
    ...{ requestId, operationId: 'putDebit', status: 201, seconds: 0.012, creditor: 'CNAS' },
  });
});

test.each([
  ['a field without a rule', untyped({ rib })],
  ['a nested object', untyped({ mandate: { debtor: { rib } } })],
  ['an array', untyped({ count: [rib] })],
  ['an error', untyped({ err: new Error(rib), error: new Error(rib) })],
  [
    'a field of another shape',
    untyped({ requestId: rib, kind: name, creditor: rib, status: rib, during: `for ${rib}` }),
  ],
  ['a fault that was put together', untyped({ fault: { name: rib, code: name, frames: [rib, name], text: rib } })],
  ['a fault inside a fault', untyped({ fault: { name: 'Error', frames: [], causes: [{ name, message: rib }] } })],
  ['an object with a way of its own to be written', untyped({ at: { toJSON: () => rib } })],
])('%s never passes with a value', (_way, fields) => {
  const { log, written } = keptLog();
  log.error(fields, 'request failed');
  expect(written()).toContain('request failed');
  expect(written()).not.toContain(rib);
  expect(written()).not.toContain(name);
});

test('a message that was put together at run time neither compiles nor is written', () => {
  const { log, written } = keptLog();
  const text: string = `no account ${rib}`;
  // @ts-expect-error: a text is no fixed text
  log.warn({}, text);
  // @ts-expect-error: nor is one with a part that is a text
  log.warn({}, `no account ${text}`);
  log.warn({}, `no account for ${name} ${1}`);
  expect(written()).not.toContain(rib);
  expect(written()).not.toContain(name);
});

test("a database's error keeps code, severity, constraint and places, never its text", async () => {
  await using db = await freshDatabase();
  await db.owner.query(`create table accounts (rib text constraint accounts_rib_check check (length(rib) < 5))`);
  const refused: unknown = await db.owner.query('insert into accounts values ($1)', [rib]).catch((fault) => fault);
  expect(refused).toBeInstanceOf(pg.DatabaseError);
  expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).toContain(rib);
  const fault = withoutValues(refused);
  expect(fault).toMatchObject({ code: '23514', severity: 'ERROR', constraint: 'accounts_rib_check' });
  expect(fault.frames.length).toBeGreaterThan(0);
  expect(JSON.stringify(fault)).not.toContain(rib);
  const { log, written } = keptLog();
  log.error({ fault, during: 'settling debits' }, 'work failed');
  expect(JSON.parse(written())).toMatchObject({
    fault: { code: '23514', frames: fault.frames },
    during: 'settling debits',
  });
});

test('an error whose text looks like a stack leaves none of it; what it was made from is told too', () => {
  const inner = Object.assign(new Error(`no\n    at RIB (${rib}:1:1)\n    at /x/${rib}:1:1`), { code: 'ECONNRESET' });
  const outer = new AggregateError([inner], `for ${rib}`, { cause: inner });
  const fault = withoutValues(outer);
  expect(JSON.stringify(fault)).not.toContain(rib);
  expect(fault.frames[0]).toContain('log.test.ts');
  expect(fault.causes?.map(({ code }) => code)).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect(withoutValues(rib)).toEqual({ name: 'string', frames: [] });
});
