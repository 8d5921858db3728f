import { expect, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { openPool } from '../database/pool.ts';
import { openRestoredAt } from './restored.ts';
import { beginEpoch, openSealer } from './sealer.ts';

test('what was read before a connection was lost says nothing of a restore since', async () => {
  await using db = await freshDatabase();
  await openSealer({ pool: db.gateway, leaseSeconds: 0 }).run();
  await using open = new AsyncDisposableStack();
  const pool = open.adopt(openPool({ url: db.url.gateway, applicationName: 'restored', connections: 1 }), (one) =>
    one.end(),
  );
  const at = new Date();
  const restoredAt = openRestoredAt(pool, { now: () => at });
  expect(await restoredAt()).toBeUndefined();
  await beginEpoch(db.gateway, 'test');
  const client = await pool.connect();
  client.release(true);
  await pool.query('select 1');
  expect(await restoredAt()).toBeInstanceOf(Date);
});
