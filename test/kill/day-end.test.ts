import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { registerDevelopmentClients } from '../../src/clients/development.ts';
import { developmentCertificates } from '../../src/config.ts';
import { openPool } from '../../src/database/pool.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { administratorUrl, asAdministrator, urlsOf } from '../../src/database/roles.ts';
import { makeDevelopmentKeys } from '../../src/signing/keys.ts';
import { statementWork } from '../../src/statements/close.ts';
import { fileOf } from '../../src/statements/download.ts';
import { findStatement, listReconciliations } from '../../src/statements/look-up.ts';
import { reconciliationWork } from '../../src/statements/match.ts';
import { receiveList } from '../../src/statements/receive-list.ts';
import { fileFormats } from '../../src/statements/statement.ts';
import { type Day, formatInstant } from '../../src/values/dates.ts';
import { parseJws } from '../../src/values/ids.ts';
import { cnas, must } from '../bank.ts';
import { makeList } from '../reconciliation-volume/list.ts';
import { openVolumeDay, runDue, type VolumeDay, volumeDatabase, volumeWorkParts } from '../volume-day.ts';
import { issuer, replicaSettings } from './kill-bank.ts';
import { startGateway } from './process.ts';

/** More than two stretches of each work. */
const debits = 6_000;

/** Where the process is held, in the order in which it comes there: the table, what is done to it, and to which row. */
const moments = [
  {
    when: 'the figures of a statement are half counted',
    on: 'statement_figures',
    row: 'new.debits > 2600',
    before: 'insert or update',
    compared: 0,
  },
  {
    when: 'a statement is signed and not closed',
    on: 'statements',
    row: `new.state = 'CLOSED'`,
    before: 'update',
    compared: 0,
  },
  {
    when: 'the lines of a list are half compared',
    on: 'reconciliation_lines',
    row: 'new.line = 4001',
    before: 'insert',
    compared: 4000,
  },
  {
    when: 'what is on no line is looked for',
    on: 'reconciliation_lines',
    row: 'new.line = 0',
    before: 'insert',
    compared: 6000,
  },
  {
    when: 'a summary is signed and not stored',
    on: 'reconciliations',
    row: `new.state = 'MATCHED'`,
    before: 'update',
    compared: 6000,
  },
] as const;

test('killed at any moment of closing a statement and matching a list, and started again: the same bytes and figures, once', {
  timeout: 600_000,
}, async () => {
  await using open = new AsyncDisposableStack();
  const day = open.use(await openVolumeDay(debits, async (_what, act) => act()));
  await ensureDevelopmentCertificates(developmentCertificates);
  await registerDevelopmentClients(day.owner, developmentCertificates, { issuer, now: new Date() });
  await takeList(day);
  // The row that is due, with its id, is the same in both.
  await statementWork(volumeWorkParts(day)).due(1);
  await copyDatabase(day, 'killed');
  await runDue(statementWork(volumeWorkParts(day)));
  await runDue(reconciliationWork(volumeWorkParts(day)));

  const own = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'gateway-day-end-')), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  await makeDevelopmentKeys(path.join(own, 'keys'), new Date());
  const urls = urlsOf(day.server.cluster, 'killed');
  const environment = {
    ...replicaSettings,
    ...{ GATEWAY_STATEMENT_SECONDS: '5', GATEWAY_ANSWER_SECONDS: '8', GATEWAY_LEASE_SECONDS: '15' },
    ...{ GATEWAY_DATABASE_URL: urls.gateway, GATEWAY_LEDGER_DATABASE_URL: urls.ledger },
    ...{ GATEWAY_DATA_FOLDER: own, GATEWAY_KEY_FOLDER: path.join(own, 'keys') },
  };
  const start = () => startGateway({ environment, logFile: path.join(own, 'gateway.log') });
  const killed = openPool({ url: administratorUrl(day.server.cluster, 'killed'), applicationName: 'day end' });
  open.adopt(killed, (pool) => pool.end());
  for (const moment of moments) {
    await using holding = await holdAt(killed, moment);
    await using gateway = start();
    await expect.poll(() => holding.held(), { timeout: 90_000, message: moment.when }).toBe(true);
    gateway.signal('SIGKILL');
    await gateway.ended;
    const [list] = await listReconciliations(killed, { creditor: cnas, before: undefined, limit: 1 });
    expect([moment.when, list?.compared, list?.matched]).toEqual([moment.when, moment.compared, undefined]);
  }
  await using gateway = start();
  const state = () => killed.query('select state from reconciliations').then(({ rows }) => rows[0]?.state);
  await expect.poll(state, { timeout: 90_000 }).toBe('MATCHED');
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe('0');

  const [kept, again] = [await outcomeIn(day.gateway, day.day), await outcomeIn(killed, day.day)];
  expect(again).toEqual(kept);
  expect(kept.told).toEqual([
    { kind: 'reconciliation.matched', rows: 1, tokens: 1 },
    { kind: 'statement.closed', rows: 1, tokens: 1 },
  ]);
  const { figures } = makeList('text/csv', day.day, debits);
  expect(Object.fromEntries(kept.lines.map(({ outcome, lines }) => [outcome.toLowerCase(), lines]))).toEqual(figures);
});

async function takeList({ gateway, day }: VolumeDay): Promise<void> {
  const { body } = makeList('text/csv', day, debits);
  const digest = createHash('sha256').update(body).digest();
  async function* read() {
    yield body;
  }
  const taken = await receiveList(gateway, {
    ...{ reference: 'DAY-END', mediaType: 'text/csv', upload: { bytes: body.length, digest, read } },
    request: {
      ...{ creditorCode: cnas, jti: 'day-end-0123456789', keyThumbprint: 'test-key', method: 'PUT', digest },
      ...{ target: '/v1/reconciliations/DAY-END', signedAt: new Date(), receivedAt: new Date() },
      ...{ token: must(parseJws('a.b.c')), body: Buffer.alloc(0) },
    },
  });
  expect(taken.outcome).toBe('TAKEN');
}

async function copyDatabase({ server, gateway, owner }: VolumeDay, name: string): Promise<void> {
  for (const pool of [gateway, owner]) expect(pool.waitingCount).toBe(0);
  await asAdministrator(server.cluster, 'postgres', async (admin) => {
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [volumeDatabase]);
    await admin.query(`create database ${name} template ${volumeDatabase}`);
  });
  // A copy is told as a restore, under whose stop no day is closed: here it is only the same day once more.
  await asAdministrator(server.cluster, name, (admin) =>
    admin.query('update journal_sealer set table_id = journal_table_id()'),
  );
}

type Moment = (typeof moments)[number];

/**
 * Whoever comes to that moment waits there, in the middle of its statement. Disposing ends those that wait without their
 * statement, and the leases of whoever is gone, which else would end by themselves.
 */
async function holdAt(pool: pg.Pool, { on, row, before }: Moment) {
  const lock = 20_260_131;
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock($1)', [lock]);
  await pool.query(`
    create function hold() returns trigger language plpgsql as $$
    begin
      if ${row} then perform pg_advisory_xact_lock_shared(${lock}); end if;
      return new;
    end $$`);
  await pool.query(`create trigger held before ${before} on ${on} for each row execute function hold()`);
  const waiting = `select pid from pg_locks where locktype = 'advisory' and not granted
                      and database = (select oid from pg_database where datname = current_database())`;
  return {
    held: async () => (await pool.query(waiting)).rowCount === 1,
    async [Symbol.asyncDispose]() {
      await pool.query(`select pg_terminate_backend(pid, 5000) from (${waiting}) waiting`);
      await pool.query(`drop trigger held on ${on}; drop function hold()`);
      await holder.query('select pg_advisory_unlock($1)', [lock]);
      holder.release();
      for (const table of ['statements', 'reconciliations'])
        await pool.query(`update ${table} set lease_until = null where lease_until is not null`);
    },
  };
}

/** Everything that came of the day but times and the names of tokens. */
async function outcomeIn(db: Queryable, day: Day) {
  const rowsOf = async <Row extends pg.QueryResultRow>(text: string) => (await db.query<Row>({ text })).rows;
  const statement = must(await findStatement(db, cnas, day));
  const files = [];
  for (const format of fileFormats) {
    const [whole, timeless] = [createHash('sha256'), createHash('sha256')];
    for await (const piece of fileOf(db, statement, format)) {
      whole.update(piece);
      // One of the files names the moment of its cut.
      timeless.update(piece.replaceAll(formatInstant(statement.cutAt), ''));
    }
    expect(whole.digest().equals(statement.files[format].digest)).toBe(true);
    files.push([format, timeless.digest('hex')]);
  }
  return {
    files,
    statement: await rowsOf(
      `select to_jsonb(s) - array['cut_at', 'camt054_digest', 'token_jti', 'closed_at'] as row from statements s order by day`,
    ),
    counted: await rowsOf('select * from statement_figures order by statement_id, figure'),
    lines: await rowsOf<{ outcome: string; lines: number; digest: string }>(
      `select outcome, count(*)::int as lines, md5(string_agg(l::text, '|' order by end_to_end_id, line)) as digest
         from reconciliation_lines l group by outcome order by outcome`,
    ),
    figures: await rowsOf('select * from reconciliation_figures order by figure'),
    told: await rowsOf(
      `select j.kind, count(*)::int as rows, count(t.jti)::int as tokens
         from journal j left join tokens t on t.subject_id = j.subject_id
        where j.kind in ('statement.closed', 'reconciliation.matched') group by j.kind order by j.kind`,
    ),
  };
}
