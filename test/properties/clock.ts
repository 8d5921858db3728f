import { inject } from 'vitest';
import { asAdministrator } from '../../src/database/roles.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

/** A database whose clock can be set: what any statement reads of `clock_timestamp()` from now on is the test's. */
export type ClockedDatabase = TestDatabase & { setClock: (instant: Date) => Promise<void> };

export async function clockedDatabase(): Promise<ClockedDatabase> {
  const db = await freshDatabase();
  const name = new URL(db.url.owner).pathname.slice(1);
  await asAdministrator(inject('cluster'), name, (admin) =>
    admin.query(`
      create schema clock;
      create table clock.ahead (by interval not null);
      insert into clock.ahead values ('0');
      create function clock.clock_timestamp() returns timestamptz language sql volatile
        as 'select pg_catalog.clock_timestamp() + by from clock.ahead';
      grant usage on schema clock to public;
      grant select, update on clock.ahead to public;
      alter database ${name} set search_path = clock, pg_catalog, "$user", public`),
  );
  return {
    ...db,
    async setClock(instant) {
      await db.owner.query('update clock.ahead set by = $1::timestamptz - pg_catalog.clock_timestamp()', [instant]);
    },
  };
}
