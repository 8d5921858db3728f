import { expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { sealAll, tamper } from '../../test/journal.ts';
import { type Head, verifyEntry, verifyJournal } from './verify.ts';

/** Ten rows, sealed, and the head as it was told then. */
async function sealedJournal(): Promise<TestDatabase & { head: Head }> {
  const db = await freshDatabase();
  await db.gateway.query(
    `insert into journal (kind, subject_id, side, detail)
     select 'mandate.entered', gen_random_uuid(), 'bank', jsonb_build_object('n', n) from generate_series(1, 10) n`,
  );
  await sealAll(db);
  const { head } = await verifyJournal(db.gateway, { unsealedSeconds: 0 });
  if (head === undefined) throw new Error('nothing is sealed');
  return { ...db, head };
}

/** In pages of three, so that what crosses a page's edge is met. */
const verified = (db: TestDatabase, kept?: Head) => verifyJournal(db.gateway, { unsealedSeconds: 60, kept, page: 3 });

/** Seals everything anew, as whoever holds the server could: with every rule kept. */
const rewrite = [
  'delete from journal_seals',
  `update journal_sealer set number = 0, sealed_through = 0, hash = (select hash from journal_epochs), open_from = '0',
     lease_until = null`,
];

test('a journal that nobody touched is sound, and so is each of its rows', async () => {
  await using db = await sealedJournal();
  expect(await verified(db, db.head)).toEqual({ faults: [], sealed: 10, waiting: 0, head: db.head });
  expect(await verifyEntry(db.gateway, '1')).toMatchObject({ place: { epoch: 1, number: 1 }, sound: true });
  expect(await verifyEntry(db.gateway, '10')).toMatchObject({ place: { epoch: 1, number: 10 }, sound: true });
  expect(await verifyEntry(db.gateway, '11')).toBeUndefined();
});

test('the first row that was altered is named, in whichever column', async () => {
  const alterations = [
    `recorded_at = recorded_at + interval '1 microsecond'`,
    `kind = 'mandate.changed'`,
    'subject_id = gen_random_uuid()',
    'subject_id = null',
    `creditor_code = 'CNAS'`,
    `from_state = ''`,
    `to_state = 'DRAFT'`,
    `reason = 'AC06'`,
    `side = 'gateway'`,
    `actor = 'somebody'`,
    'token_jti = gen_random_uuid()',
    `request_jti = 'jti'`,
    `detail = '{}'`,
    `transaction_id = '7'`,
  ];
  for (const alteration of alterations) {
    await using db = await sealedJournal();
    await tamper(db, `update journal set ${alteration} where entry_id in (4, 8)`);
    const { faults } = await verified(db);
    expect(faults, alteration).toMatchObject([{ fault: 'ALTERED', place: { epoch: 1, number: 4 }, entryId: '4' }]);
    expect(await verifyEntry(db.gateway, '4')).toMatchObject({ sound: false });
    expect(await verifyEntry(db.gateway, '5')).toMatchObject({ sound: true });
  }
});

test('a row that was removed is named, alone or with its seal', async () => {
  await using alone = await sealedJournal();
  await tamper(alone, 'delete from journal where entry_id = 6');
  expect((await verified(alone)).faults).toEqual([{ fault: 'REMOVED', place: { epoch: 1, number: 6 }, entryId: '6' }]);
  await using both = await sealedJournal();
  await tamper(both, 'delete from journal where entry_id = 6', 'delete from journal_seals where entry_id = 6');
  expect((await verified(both)).faults).toEqual([{ fault: 'MISSING', place: { epoch: 1, number: 6 } }]);
  await tamper(both, 'update journal_seals set number = number + 1000 where number > 6');
  await tamper(both, 'update journal_seals set number = number - 1001 where number > 1000');
  expect((await verified(both)).faults).toEqual([{ fault: 'RESEALED', place: { epoch: 1, number: 6 }, entryId: '7' }]);
});

test('a row that was put in is named, without a seal or with one', async () => {
  await using db = await sealedJournal();
  // The id of a row that was rolled back, and a transaction of then.
  await db.gateway
    .query(`do $$ begin insert into journal (kind, side) values ('a.b', 'bank'); raise sqlstate 'ZZZZZ'; end $$`)
    .catch(() => undefined);
  await db.gateway.query(`insert into journal (kind, side) values ('mandate.entered', 'bank')`);
  await sealAll(db);
  expect((await verified(db)).faults).toEqual([]);
  await tamper(
    db,
    `insert into journal (entry_id, transaction_id, recorded_at, kind, side) overriding system value
     select 11, transaction_id, recorded_at, 'mandate.revoked', 'bank' from journal where entry_id = 10`,
  );
  expect((await verified(db)).faults).toEqual([
    { fault: 'PUT_IN', entryId: '11', kind: 'mandate.revoked', subjectId: undefined },
  ]);
  await using sealedToo = await sealedJournal();
  await tamper(
    sealedToo,
    `insert into journal (kind, side) values ('mandate.revoked', 'bank')`,
    `insert into journal_seals select 1, 11, 11, salt, leaf, hash from journal_seals where number = 10`,
  );
  expect((await verified(sealedToo)).faults).toMatchObject([
    { fault: 'RESEALED', place: { number: 11 }, entryId: '11' },
  ]);
});

test('two rows that changed places are found', async () => {
  await using db = await sealedJournal();
  await tamper(
    db,
    'alter table journal alter column entry_id set generated by default',
    'update journal set entry_id = -3 where entry_id = 3',
    'update journal set entry_id = 3 where entry_id = 7',
    'update journal set entry_id = 7 where entry_id = -3',
  );
  expect((await verified(db)).faults).toMatchObject([{ fault: 'ALTERED', place: { number: 3 }, entryId: '3' }]);
});

test('a seal that was altered is found by the chain', async () => {
  for (const alteration of [`leaf = sha256('')`, `hash = sha256('')`]) {
    await using db = await sealedJournal();
    await tamper(db, `update journal_seals set ${alteration} where number = 5`);
    expect((await verified(db)).faults).toMatchObject([{ fault: 'RESEALED', place: { number: 5 }, entryId: '5' }]);
  }
});

test('the last row removed with its seal is found by the head that was kept, and by what the sealer had reached', async () => {
  await using db = await sealedJournal();
  await tamper(db, 'delete from journal where entry_id = 10', 'delete from journal_seals where entry_id = 10');
  expect((await verified(db)).faults).toEqual([{ fault: 'SHORTER', place: { epoch: 1, number: 10 } }]);
  await tamper(db, 'update journal_sealer set number = 9, hash = (select hash from journal_seals where number = 9)');
  expect((await verified(db)).faults).toEqual([]);
  expect((await verified(db, db.head)).faults).toEqual([
    { fault: 'SHORTER', place: { epoch: 1, number: 10, hash: db.head.hash } },
  ]);
});

test('a journal that was written anew whole is found by the head that was kept', async () => {
  await using db = await sealedJournal();
  await tamper(db, `update journal set actor = 'somebody-else' where entry_id = 2`, ...rewrite);
  await sealAll(db);
  expect((await verified(db)).faults).toEqual([]);
  expect((await verified(db, db.head)).faults).toEqual([{ fault: 'OTHER_HEAD', place: { epoch: 1, number: 10 } }]);
});

test("an epoch's own row that was altered is found", async () => {
  await using db = await sealedJournal();
  await tamper(db, `update journal_epochs set began_by = 'somebody'`);
  expect((await verified(db)).faults).toEqual([{ fault: 'EPOCH', epoch: 1 }]);
});

test('a row that waits too long for its seal is named: the sealer stands still', async () => {
  await using db = await sealedJournal();
  await db.gateway.query(`insert into journal (kind, side) values ('mandate.entered', 'bank')`);
  expect(await verified(db)).toMatchObject({ faults: [], waiting: 1 });
  await db.gateway.query(
    `insert into journal (kind, side, recorded_at) values ('mandate.changed', 'bank', now() - interval '2 minutes')`,
  );
  expect((await verified(db)).faults).toMatchObject([{ fault: 'UNSEALED', entryId: '12', kind: 'mandate.changed' }]);
});
