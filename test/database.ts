import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { inject } from 'vitest';
import { openPool } from '../src/database/pool.ts';
import { asAdministrator, type DatabaseUrls, urlsOf } from '../src/database/roles.ts';

/** A database of the test's own, with a pool for each of the four roles. */
export type TestDatabase = AsyncDisposable & {
  gateway: pg.Pool;
  owner: pg.Pool;
  ledger: pg.Pool;
  ledgerOwner: pg.Pool;
  url: DatabaseUrls;
};

export async function freshDatabase(): Promise<TestDatabase> {
  const cluster = inject('cluster');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdministrator(cluster, 'postgres', (admin) =>
    admin.query(`create database ${name} template template_gateway strategy file_copy owner gateway_owner`),
  );
  const url = urlsOf(cluster, name);
  const pools = {
    gateway: openPool({ url: url.gateway, applicationName: 'test gateway' }),
    owner: openPool({ url: url.owner, applicationName: 'test owner', connections: 2 }),
    ledger: openPool({ url: url.ledger, applicationName: 'test ledger' }),
    ledgerOwner: openPool({ url: url.ledgerOwner, applicationName: 'test ledger owner', connections: 2 }),
  };
  return {
    ...pools,
    url,
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
      await asAdministrator(cluster, 'postgres', (admin) => dropWhenLeft(admin, name));
    },
  };
}

/** As after a dump that is loaded into the same cluster, under the same name: the same rows in another database. */
export async function loadedAnew({ url }: TestDatabase): Promise<void> {
  const name = new URL(url.owner).pathname.slice(1);
  await asAdministrator(inject('cluster'), 'postgres', async (admin) => {
    await admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]);
    await admin.query(`create database ${name}_loaded template ${name} strategy file_copy owner gateway_owner`);
    await admin.query(`drop database ${name}`);
    await admin.query(`alter database ${name}_loaded rename to ${name}`);
  });
}

/** Connections end a moment after their pool says so: one that the drop breaks off would be a fault that nobody catches. */
async function dropWhenLeft(admin: pg.Client, name: string): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    const { rowCount } = await admin.query('select from pg_stat_activity where datname = $1', [name]);
    if (rowCount === 0) break;
    await pause(10);
  }
  await admin.query(`drop database ${name} with (force)`);
}

/** Lets the ledger's owner make schemas in that database: a copy of the template does not inherit who may. */
export const grantSchemas = ({ url }: TestDatabase): Promise<unknown> =>
  asAdministrator(inject('cluster'), 'postgres', (admin) =>
    admin.query(`grant create on database ${new URL(url.owner).pathname.slice(1)} to ledger_owner`),
  );

/** Whether a statement of the gateway's waits for a lock just now. A role sees what its own sessions wait for, only. */
export async function someoneWaits({ gateway }: Pick<TestDatabase, 'gateway'>): Promise<boolean> {
  const { rowCount } = await gateway.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return (rowCount ?? 0) > 0;
}
