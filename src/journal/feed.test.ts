import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { cacobatph, cnas, must } from '../../test/bank.ts';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { sealAll } from '../../test/journal.ts';
import type { CreditorCode } from '../values/ids.ts';
import { type EventPlace, selectEventsAfter, selectUnnumberedSeconds } from './events.sql.ts';
import { eventKinds, eventRules, toldKinds } from './events.ts';
import { readFeed } from './feed.ts';
import { journalKinds } from './kinds.ts';
import { numberSealed } from './number.ts';
import { openReaders, type Readers } from './readers.ts';
import { beginEpoch, openSealer } from './sealer.ts';

const never: Readers = { wait: async () => 'TIME', end: () => undefined };
const start = { epoch: 0, sequence: 0 };

async function withCreditors(): Promise<TestDatabase> {
  const db = await freshDatabase();
  await db.owner.query(
    `insert into creditors (creditor_code, name_fr, name_ar, collection_account)
     select code, 'Caisse', 'صندوق', '00500102444771278214' from unnest(array['CNAS', 'CACOBATPH']) code`,
  );
  return db;
}

const note = (db: pg.Pool | pg.PoolClient, creditor: CreditorCode, kind = 'debit.received', step = 0) =>
  db.query(
    `insert into journal (creditor_code, kind, subject_id, side, to_state, reason, detail)
     values ($1, $2, $3, 'creditor', 'EXECUTING', 'AM04', $4)`,
    [creditor, kind, randomUUID(), { step, dueOn: '2026-03-01', thumbprint: 'x'.repeat(43) }],
  );

const numberAll = async (db: TestDatabase) => {
  await sealAll(db);
  while ((await numberSealed({ pool: db.gateway, most: 7 })).took > 0);
};

const placesOf = async (db: TestDatabase, creditor: CreditorCode) =>
  (await selectEventsAfter(db.gateway, creditor, start, 1000)).map(({ epoch, sequence }) => `${epoch}/${sequence}`);

test('every kind of the journal is an event with what it shows, or the bank’s own', () => {
  expect(Object.keys(eventRules).sort()).toEqual([...journalKinds].sort());
});

test('the kinds that a creditor is told of are those of the contract', async () => {
  const { readContract, partAt } = await import('../contract/contract-document.ts');
  const schema = partAt(readContract().document, '/components/schemas/EventKind');
  expect(schema.value.enum).toEqual(toldKinds());
});

test('many writers, late commits and several that number: each creditor has its own numbers, without gaps, in order', async () => {
  await using db = await withCreditors();
  let writing = true;
  const numbering = Array.from({ length: 3 }, async () => {
    const sealer = openSealer({ pool: db.gateway, leaseSeconds: 0.02, most: 5 });
    while (writing) {
      await sealer.run();
      await numberSealed({ pool: db.gateway, most: 3 });
    }
  });
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let turn = 0; turn < 30; turn += 1) {
      const client = await db.owner.connect();
      await client.query('begin');
      if (turn % 3 === 0) await client.query('select pg_current_xact_id()');
      await note(client, writer % 2 === 0 ? cnas : cacobatph, 'debit.received', turn);
      await client.query(turn % 7 === 0 ? 'rollback' : 'commit');
      client.release();
    }
  });
  await Promise.all(writers);
  writing = false;
  await Promise.all(numbering);
  await numberAll(db);
  for (const creditor of [cnas, cacobatph])
    expect(await placesOf(db, creditor)).toEqual(Array.from({ length: 50 }, (_, at) => `1/${at + 1}`));
  const { rows } = await db.owner.query<{ inOrder: boolean }>(
    `select bool_and(number > before) as "inOrder" from (
       select number, lag(number, 1, 0) over (partition by e.creditor_code order by e.epoch, e.sequence) as before
         from events e join journal_seals using (entry_id)) placed`,
  );
  expect(rows).toEqual([{ inOrder: true }]);
});

test('what is the bank’s own takes no number, and a reason that is the bank’s is not shown', async () => {
  await using db = await withCreditors();
  await note(db.gateway, cnas, 'contradiction.found');
  await note(db.gateway, cnas, 'debit.received');
  await note(db.gateway, cnas, 'stop.made');
  await note(db.gateway, cnas, 'signing-key.registered');
  await numberAll(db);
  expect(await selectEventsAfter(db.gateway, cnas, start, 10)).toMatchObject([
    { sequence: 1, kind: 'debit.received', reason: undefined },
    { sequence: 2, kind: 'signing-key.registered', reason: undefined, thumbprint: 'x'.repeat(43) },
  ]);
  expect(await placesOf(db, cacobatph)).toEqual([]);
});

test('a new epoch begins at 1, a place past the end of the one before it goes on there, and one ahead is refused', async () => {
  await using db = await withCreditors();
  await note(db.gateway, cnas);
  await note(db.gateway, cnas);
  await numberAll(db);
  const at = (epoch: number, sequence: number) =>
    readFeed(db.gateway, never, { creditor: cnas, after: { epoch, sequence }, limit: 10, waitSeconds: 0 });
  expect(await at(1, 3)).toEqual({ outcome: 'AHEAD', last: { epoch: 1, sequence: 2 } });
  expect(await at(2, 0)).toMatchObject({ outcome: 'AHEAD' });
  const epoch = must(await beginEpoch(db.gateway, 'operator-samir'));
  await note(db.gateway, cnas);
  await numberAll(db);
  expect(await at(1, 900)).toMatchObject({
    outcome: 'PAGE',
    events: [{ epoch, sequence: 1 }],
    counts: [
      { epoch: 1, last: 2 },
      { epoch, last: 1 },
    ],
  });
  expect(await at(epoch, 2)).toEqual({ outcome: 'AHEAD', last: { epoch, sequence: 1 } });
  // One that began between them, in a database that was put back again, has told its events: none of these is among them.
  expect(await at(epoch - 1, 40)).toMatchObject({ outcome: 'PAGE', events: [{ epoch, sequence: 1 }] });
});

test('how far a creditor has read never goes back, and a place ahead counts for nothing', async () => {
  await using db = await withCreditors();
  for (let turn = 0; turn < 3; turn += 1) await note(db.gateway, cnas);
  await numberAll(db);
  for (const sequence of [2, 1, 9])
    await readFeed(db.gateway, never, { creditor: cnas, after: { epoch: 1, sequence }, limit: 1, waitSeconds: 0 });
  const { rows } = await db.owner.query('select creditor_code, epoch, sequence::int from event_readers');
  expect(rows).toEqual([{ creditor_code: 'CNAS', epoch: 1, sequence: 2 }]);
});

test('who waits is told of its own next event alone, and of the end when the gateway stops', async () => {
  await using db = await withCreditors();
  await note(db.gateway, cnas);
  await numberAll(db);
  const readers = openReaders({ db: db.gateway, ofOneCreditor: 2, everySeconds: 0.02 });
  const mine = readers.wait(cnas, { epoch: 1, sequence: 1 }, 30);
  const other = readers.wait(cacobatph, start, 30);
  const ended = other.then((outcome) => `other ${outcome}`);
  await note(db.gateway, cnas);
  await numberAll(db);
  expect(await Promise.race([mine, ended])).toBe('CAME');
  const waiting = [1, 2].map(() => readers.wait(cnas, { epoch: 1, sequence: 2 }, 30));
  expect(await readers.wait(cnas, { epoch: 1, sequence: 2 }, 30)).toBe('FULL');
  expect(await readers.wait(cacobatph, start, 0.05)).toBe('TIME');
  readers.end();
  expect(await Promise.all([...waiting, ended])).toEqual(['ENDED', 'ENDED', 'other ENDED']);
  expect(await readers.wait(cnas, start, 30)).toBe('ENDED');
});

test('what a program does not know it numbers nothing past: a newer one goes on from there, and its events wait for it in the feed', async () => {
  await using db = await withCreditors();
  const newer = {
    known: [...eventKinds.known, 'debit.forgiven', 'creditor.audited'],
    told: [...eventKinds.told, 'debit.forgiven'],
    ofMandates: eventKinds.ofMandates,
  };
  const number = (kinds = eventKinds) => numberSealed({ pool: db.gateway, kinds });
  await note(db.gateway, cnas);
  await db.gateway.query(`insert into journal (kind, side) values ('work.invented', 'gateway')`);
  await note(db.gateway, cnas, 'creditor.audited');
  await note(db.gateway, cnas, 'debit.forgiven');
  await note(db.gateway, cnas);
  await sealAll(db);
  // What concerns no creditor is nobody's event in any program.
  expect(await number()).toEqual({ took: 2, ready: 0, unknown: 'creditor.audited' });
  expect(await number()).toEqual({ took: 0, ready: 0, unknown: 'creditor.audited' });
  expect(await selectUnnumberedSeconds(db.gateway)).toBeGreaterThan(0);
  expect(await placesOf(db, cnas)).toEqual(['1/1']);
  expect(await number(newer)).toEqual({ took: 3, ready: 0, unknown: undefined });
  expect(await placesOf(db, cnas)).toEqual(['1/1', '1/2', '1/3']);
  expect(await selectUnnumberedSeconds(db.gateway)).toBe(0);
  const asked: unknown[] = [];
  const waits: Readers = {
    ...never,
    async wait(_creditor, after) {
      asked.push(after);
      return 'CAME';
    },
  };
  const read = (after: EventPlace) =>
    readFeed(db.gateway, waits, { creditor: cnas, after, limit: 10, waitSeconds: 20 });
  const one = { epoch: 1, sequence: 1 };
  expect(await read(start)).toMatchObject({ events: [{ sequence: 1 }], more: false, last: one });
  // Behind the last one: else whoever asks would be answered at once, with nothing, again and again.
  expect(await read(one)).toMatchObject({ events: [], more: false, last: one });
  expect(asked).toEqual([{ epoch: 1, sequence: 3 }]);
  expect(await read({ epoch: 1, sequence: 2 })).toMatchObject({ events: [{ sequence: 3 }] });
});
