import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { sealAll, tamper } from '../../test/journal.ts';
import { readVerifyOptions, tellOfJournal } from './verify-journal.ts';

test('it prints the head so that it can be kept, and takes it back', async () => {
  await using db = await freshDatabase();
  expect(await tellOfJournal(db.gateway, { kept: undefined, unsealedSeconds: 60 })).toEqual({
    sound: true,
    lines: ['The journal is sound: 0 rows sealed, 0 waiting for it.'],
  });
  await db.gateway.query(
    `insert into journal (kind, side) select 'mandate.entered', 'bank' from generate_series(1, 3)`,
  );
  await sealAll(db);
  const first = await tellOfJournal(db.gateway, { kept: undefined, unsealedSeconds: 60 });
  const head = first.lines.at(-1)?.replace('head ', '') ?? '';
  expect(head).toMatch(/^1\/3:[0-9a-f]{64}$/);
  const options = readVerifyOptions(['--head', head]);
  if (options === 'HELP') throw new Error('no help was asked for');
  expect((await tellOfJournal(db.gateway, options)).lines).toContain('It holds the head that was kept, 1/3.');
  await tamper(db, `update journal set side = 'gateway' where entry_id = 2`);
  expect(await tellOfJournal(db.gateway, options)).toEqual({
    sound: false,
    lines: ['Row 2 was altered after it was sealed as 1/2 (now mandate.entered).'],
  });
});

test('a head that was not printed so is refused', () => {
  expect(() => readVerifyOptions(['--head', '3:abc'])).toThrow('EPOCH/NUMBER:HASH');
  expect(() => readVerifyOptions(['--unsealed-after', 'soon'])).toThrow('seconds');
});
