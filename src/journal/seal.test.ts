import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { sealAll, sealedRows, tamper } from '../../test/journal.ts';
import { entryBytes, leafOf, linkOf, sealedColumns } from './canonical.ts';
import { selectUnsealed } from './seal.sql.ts';
import { beginEpoch, beginEpochWhereRestored, openSealer, type Sealer } from './sealer.ts';
import { selectSealsAfter } from './verify.sql.ts';
import { verifyJournal } from './verify.ts';

const note = (db: pg.Pool | pg.PoolClient, kind: string, subject: string | null = null) =>
  db.query(
    `insert into journal (kind, subject_id, side, detail) values ($1, $2, 'gateway', '{"b": "رب", "a": [1.50]}')`,
    [kind, subject],
  );

async function sealedAfterRound(db: TestDatabase, sealer: Sealer): Promise<string[]> {
  await sealer.run();
  return sealedRows(db);
}

/** A connection with an open transaction that has its number already. */
async function openTransaction(db: TestDatabase) {
  const client = await db.gateway.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  return {
    client,
    async commit() {
      await client.query('commit');
      client.release();
    },
  };
}

test('a row is sealed by the bytes that the worked example says, and by each of its columns', () => {
  const entry = {
    entry_id: '7',
    transaction_id: '751',
    recorded_at: '2026-03-01T09:00:00.000001Z',
    kind: 'mandate.certified',
    subject_id: '019ca1ae-7f30-7c4b-8a43-9d9dfa35a9ac',
    creditor_code: 'CNAS',
    from_state: 'PENDING_CERTIFICATION',
    to_state: 'CERTIFIED',
    reason: null,
    side: 'bank',
    actor: 'كريم',
    token_jti: null,
    request_jti: null,
    detail: '{}',
  };
  expect(entryBytes(entry).toString()).toBe(
    '1:7,3:751,27:2026-03-01T09:00:00.000001Z,17:mandate.certified,36:019ca1ae-7f30-7c4b-8a43-9d9dfa35a9ac,4:CNAS,' +
      '21:PENDING_CERTIFICATION,9:CERTIFIED,-,4:bank,8:كريم,-,-,2:{},',
  );
  expect(leafOf(Buffer.alloc(16, 1), entry).toString('hex')).toBe(
    'c8f7f2508f9f2e37f7a720d49ab8de838af3ab3c52c0f8293a4f1721f86f85fb',
  );
  expect(linkOf(Buffer.alloc(32, 2), Buffer.alloc(32, 3), { epoch: 1, number: 42 }).toString('hex')).toBe(
    '5e5573fccbca4ebd9464daaa2d15cb49bfb8af1ff54c06581983a53d881926ea',
  );
});

test('what PostgreSQL seals is what TypeScript computes, of a row with every column and of one with none', async () => {
  await using db = await freshDatabase();
  await db.owner.query(
    `insert into journal (recorded_at, kind, subject_id, creditor_code, from_state, to_state, reason, side, actor, token_jti,
       request_jti, detail)
     values ('2026-03-01T10:00:00.000001+01', 'mandate.suspended', gen_random_uuid(), 'CNAS', 'ACTIVE', 'SUSPENDED', 'AC06',
       'bank', 'كريم 😀', gen_random_uuid(), 'jti-0000000000000001', '{"z": 1.50, "a": {"b": [null, true, "é\\n,-"]}}')`,
  );
  await note(db.gateway, 'mandate.expired');
  await sealAll(db);
  const seals = await selectSealsAfter(db.owner, { epoch: 0, number: 0 }, 10);
  expect(seals.map(({ entry }) => entry?.recorded_at)[0]).toBe('2026-03-01T09:00:00.000001Z');
  expect(await verifyJournal(db.gateway, { unsealedSeconds: 0 })).toMatchObject({ faults: [], sealed: 2, waiting: 0 });
  expect(new Set(seals.map(({ salt }) => salt.toString('hex'))).size).toBe(2);
});

test('every column of the journal is sealed: a new one must get its place', async () => {
  await using db = await freshDatabase();
  const { rows } = await db.owner.query<{ columns: string[] }>(
    `select array_agg(attname::text order by attnum) as columns from pg_attribute
      where attrelid = 'journal'::regclass and attnum > 0 and not attisdropped`,
  );
  expect(rows[0]?.columns).toEqual([...sealedColumns]);
});

test("a subject's rows keep their order where the one that began first writes last and grows old first", async () => {
  await using db = await freshDatabase();
  const subject = randomUUID();
  await openSealer({ pool: db.gateway, leaseSeconds: 0 }).run();
  // In the order of their numbers: early, between, and then the one that writes first.
  const early = await openTransaction(db);
  const between = await openTransaction(db);
  await note(db.gateway, 'mandate.suspended', subject);
  await note(early.client, 'mandate.resumed', subject);
  await early.commit();
  const sealer = openSealer({ pool: db.gateway });
  await sealer.run();
  // 'resumed' is old enough, 'suspended' is not: it must not overtake it.
  expect(await sealedRows(db)).toEqual([]);
  await between.commit();
  await sealAll(db, sealer);
  expect(await sealedRows(db)).toEqual(['1/1 mandate.suspended 1', '1/2 mandate.resumed 2']);
});

test('a row that commits after later ones were sealed gets the next number: none is missed, none left out', async () => {
  await using db = await freshDatabase();
  await openSealer({ pool: db.gateway, leaseSeconds: 0 }).run();
  const older = await openTransaction(db);
  const younger = await openTransaction(db);
  await note(younger.client, 'mandate.entered', randomUUID());
  await note(older.client, 'mandate.revoked', randomUUID());
  await older.commit();
  const sealer = openSealer({ pool: db.gateway });
  await expect.poll(() => sealedAfterRound(db, sealer), { timeout: 20_000 }).toEqual(['1/1 mandate.revoked 2']);
  // What began after the one that is open waits for it, and is seen to wait.
  await note(db.gateway, 'mandate.expired', randomUUID());
  await sealer.run();
  expect(await sealedRows(db)).toHaveLength(1);
  expect((await selectUnsealed(db.gateway)).count).toBe(1);
  await younger.commit();
  expect((await selectUnsealed(db.gateway)).count).toBe(2);
  await sealAll(db, sealer);
  expect(await sealedRows(db)).toEqual(['1/1 mandate.revoked 2', '1/2 mandate.entered 1', '1/3 mandate.expired 3']);
  expect(await selectUnsealed(db.gateway)).toEqual({ count: 0, oldestSeconds: 0 });
});

test('a row that is kept back behind one which may not be taken yet is not forgotten, however old it has grown', async () => {
  await using db = await freshDatabase();
  const sealer = openSealer({ pool: db.gateway });
  await sealer.run();
  // By the numbers of their transactions: first, second, third, open, last.
  const [first, second, third] = [await openTransaction(db), await openTransaction(db), await openTransaction(db)];
  const [open, last] = [await openTransaction(db), await openTransaction(db)];
  await note(second.client, 'mandate.entered');
  await note(last.client, 'mandate.changed');
  await note(third.client, 'mandate.submitted');
  await note(first.client, 'mandate.revoked');
  await first.commit();
  await expect.poll(() => sealedAfterRound(db, sealer), { timeout: 20_000 }).toEqual(['1/1 mandate.revoked 4']);
  for (const transaction of [second, last, third]) await transaction.commit();
  await expect.poll(() => sealedAfterRound(db, sealer), { timeout: 20_000 }).toHaveLength(2);
  await open.commit();
  await sealAll(db, sealer);
  expect((await sealedRows(db)).slice(1)).toEqual([
    '1/2 mandate.entered 1',
    '1/3 mandate.changed 2',
    '1/4 mandate.submitted 3',
  ]);
});

test('many writers and three sealers at once: each row gets one number, without gaps, each subject in its order', async () => {
  await using db = await freshDatabase();
  const subjects = Array.from({ length: 5 }, () => randomUUID());
  await db.owner.query('create table held (subject uuid primary key, step int not null)');
  await db.owner.query('grant select, update on held to gateway_runtime');
  await db.owner.query('insert into held select unnest($1::uuid[]), 0', [subjects]);
  let writing = true;
  const sealers = Array.from({ length: 3 }, () => openSealer({ pool: db.gateway, leaseSeconds: 0.02, most: 7 }));
  const sealing = sealers.map(async (sealer) => {
    while (writing) await sealer.run();
  });
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let turn = 0; turn < 40; turn += 1) {
      const client = await db.owner.connect();
      await client.query('begin');
      if (turn % 3 === 0) await client.query('select pg_current_xact_id()');
      await client.query(
        `with step as (update held set step = step + 1 where subject = $1 returning subject, step)
         insert into journal (kind, subject_id, side, detail) select 'debit.received', subject, 'gateway', to_jsonb(step) from step`,
        [subjects[(turn + writer) % subjects.length]],
      );
      await client.query(turn % 7 === 0 ? 'rollback' : 'commit');
      client.release();
    }
  });
  await Promise.all(writers);
  writing = false;
  await Promise.all(sealing);
  await sealAll(db, openSealer({ pool: db.gateway, leaseSeconds: 0.02 }));
  const { rows } = await db.owner.query<{ subject_id: string; steps: number[] }>(
    'select subject_id, array_agg(detail::text::int order by epoch, number) as steps from sealed_journal group by 1',
  );
  expect(rows).toHaveLength(5);
  for (const { steps } of rows) expect(steps).toEqual(steps.toSorted((one, other) => one - other));
  const verified = await verifyJournal(db.gateway, { unsealedSeconds: 0 });
  expect(verified).toMatchObject({ faults: [], sealed: 4 * 34, head: { epoch: 1, number: 4 * 34 } });
});

test('one replica seals, and another takes over when its lease has ended', async () => {
  await using db = await freshDatabase();
  const [gone, next] = [openSealer({ pool: db.gateway, leaseSeconds: 60 }), openSealer({ pool: db.gateway })];
  await gone.run();
  await note(db.gateway, 'mandate.entered');
  await next.run();
  expect(await sealedRows(db)).toEqual([]);
  // `gone` never comes back.
  await db.owner.query("update journal_sealer set lease_until = clock_timestamp() - interval '1 second'");
  await expect.poll(() => sealedAfterRound(db, next)).toHaveLength(1);
});

test('nobody changes or removes what is sealed, the owner as little as the gateway', async () => {
  await using db = await freshDatabase();
  await note(db.gateway, 'mandate.entered');
  await sealAll(db);
  for (const table of ['journal', 'journal_seals', 'journal_epochs'])
    for (const role of [db.gateway, db.owner])
      for (const act of [
        `update ${table} set ${table === 'journal' ? 'kind' : 'epoch'} = default`,
        `delete from ${table}`,
        `truncate ${table}`,
      ])
        await expect(role.query(act), `${act}`).rejects.toMatchObject({ code: '42501' });
});

test('an epoch that is begun by hand numbers from 1 again, and the chain goes on', async () => {
  await using db = await freshDatabase();
  await note(db.gateway, 'mandate.entered');
  await sealAll(db);
  const epoch = await beginEpoch(db.gateway, 'operator-samir');
  await note(db.gateway, 'mandate.expired');
  await sealAll(db);
  expect(await sealedRows(db)).toEqual(['1/1 mandate.entered 1', '2/1 stop.made 2', '2/2 mandate.expired 3']);
  expect(await verifyJournal(db.gateway, { unsealedSeconds: 0 })).toMatchObject({
    faults: [],
    head: { epoch, number: 2 },
  });
});

test('an epoch has the number of its time, so that one which began in a restored database is not begun in the next again', async () => {
  await using db = await freshDatabase();
  await note(db.gateway, 'mandate.entered');
  await sealAll(db);
  const seconds = async () =>
    (await db.owner.query("select floor(extract(epoch from clock_timestamp() - '2026-01-01 00:00Z'))::int as now"))
      .rows[0].now;
  const before = await seconds();
  const epoch = must(await beginEpoch(db.gateway, 'operator-samir'));
  expect(epoch).toBeGreaterThanOrEqual(before);
  expect(epoch).toBeLessThanOrEqual(await seconds());
  // A clock that was put back begins no epoch before the last.
  await tamper(
    db,
    'update journal_epochs set epoch = 900000000 where epoch > 1',
    'update journal_sealer set epoch = 900000000',
  );
  expect(await beginEpoch(db.gateway, 'operator-samir')).toBe(900_000_001);
  await sealAll(db);
  expect(await sealedRows(db)).toEqual(['1/1 mandate.entered 1', '3/1 stop.made 2']);
});

test('a database that PostgreSQL knows to be another one begins a new epoch by itself, whatever its rows say of transactions', async () => {
  await using db = await freshDatabase();
  await note(db.gateway, 'mandate.entered');
  await sealAll(db);
  // As after a dump of another cluster, whose transactions had other numbers.
  await tamper(
    db,
    `update journal_epochs set database_id = 'another/00000001'`,
    `insert into journal (transaction_id, kind, side) values ('999999999999', 'mandate.expired', 'gateway')`,
  );
  await sealAll(db);
  await note(db.gateway, 'mandate.revoked');
  await sealAll(db);
  expect(await sealedRows(db)).toEqual([
    '1/1 mandate.entered 1',
    '2/1 mandate.expired 2',
    '2/2 stop.made 3',
    '2/3 mandate.revoked 4',
  ]);
});

test.for([
  ['the same transactions', []],
  // As after a dump of another cluster, whose transactions had other numbers.
  [
    'a dump of another cluster',
    ["update journal_sealer set open_from = '999999000000'", "update journal set transaction_id = '999999000001'"],
  ],
] as const)(
  'a row that committed after later ones were sealed, just before the end of what was restored, is sealed by the next epoch: %s',
  async ([_how, tampering]) => {
    await using db = await freshDatabase();
    const sealer = openSealer({ pool: db.gateway });
    await sealer.run();
    const older = await openTransaction(db);
    const younger = await openTransaction(db);
    await note(younger.client, 'mandate.entered');
    await note(older.client, 'mandate.revoked');
    await older.commit();
    await expect.poll(() => sealedAfterRound(db, sealer), { timeout: 20_000 }).toEqual(['1/1 mandate.revoked 2']);
    await sealer.release();
    await younger.commit();
    await tamper(db, `update journal_epochs set database_id = 'another/00000001'`, ...tampering);
    await beginEpochWhereRestored(db.gateway);
    await sealAll(db);
    expect(await sealedRows(db)).toEqual(['1/1 mandate.revoked 2', '2/1 mandate.entered 1', '2/2 stop.made 3']);
    expect((await selectUnsealed(db.gateway)).count).toBe(0);
  },
);

test('an epoch that can not be begun is given up after some tries, and nothing goes on', async () => {
  await using db = await freshDatabase();
  await note(db.gateway, 'mandate.entered');
  await sealAll(db);
  await tamper(db, `update journal_epochs set database_id = 'another/00000001'`);
  await db.owner.query(`create function nobody() returns trigger language plpgsql as 'begin return null; end'`);
  await db.owner.query('create trigger nobody before update on journal_sealer for each row execute function nobody()');
  await expect(beginEpochWhereRestored(db.gateway, 2)).rejects.toThrow('could not be begun');
});

test('a lease that was carried over from another database holds nobody up: the first look stops all, and what is read from is before those who lived on', async () => {
  await using db = await freshDatabase();
  await note(db.gateway, 'mandate.entered');
  await sealAll(db);
  await tamper(
    db,
    `update journal_epochs set database_id = 'another/00000001'`,
    `update journal_sealer set holder = gen_random_uuid(), lease_until = now() + interval '1 hour'`,
    `update journal set recorded_at = recorded_at - interval '3 days'`,
  );
  // Written by a replica that lived on, before it has looked.
  await note(db.gateway, 'mandate.revoked');
  await openSealer({ pool: db.gateway }).run();
  const { rows } = await db.owner.query(
    `select scope, known_until = (select min(recorded_at) from journal) as before from restores join stops using (stop_id)`,
  );
  expect(rows).toEqual([{ scope: 'ALL', before: true }]);
});
