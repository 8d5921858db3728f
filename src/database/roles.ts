import pg from 'pg';
import { migrateGateway, migrateLedger } from './migrations.ts';

/** A cluster that this program may make databases in: an administrator's connection, without the database's name. */
export type Cluster = { host: string; port: number; administrator: string; password: string };

/** The URL of each role in one database. */
export type DatabaseUrls = { owner: string; gateway: string; ledgerOwner: string; ledger: string };

const roles = {
  owner: 'gateway_owner',
  gateway: 'gateway_runtime',
  ledgerOwner: 'ledger_owner',
  ledger: 'ledger_runtime',
};

export const administratorUrl = (cluster: Cluster, database = 'postgres'): string =>
  urlOf(cluster, cluster.administrator, database);

/** All four roles share the cluster's random password: it never leaves this host. */
export const urlsOf = (cluster: Cluster, database: string): DatabaseUrls => ({
  owner: urlOf(cluster, roles.owner, database),
  gateway: urlOf(cluster, roles.gateway, database),
  ledgerOwner: urlOf(cluster, roles.ledgerOwner, database),
  ledger: urlOf(cluster, roles.ledger, database),
});

/** Makes roles and database where they are missing, then migrates both schemas. */
export async function prepareDatabase(cluster: Cluster, database: string): Promise<DatabaseUrls> {
  await makeDatabase(cluster, database, Object.values(roles), roles.owner);
  await asAdministrator(cluster, database, async (admin) => {
    await admin.query(`alter schema public owner to ${roles.owner}`);
    await admin.query(`grant create on database ${admin.escapeIdentifier(database)} to ${roles.ledgerOwner}`);
  });
  const urls = urlsOf(cluster, database);
  await migrateGateway(urls.owner);
  await migrateLedger(urls.ledgerOwner);
  return urls;
}

/** A database for a ledger alone, which the role of the URL owns: it migrates there and runs there. */
export async function prepareLedgerDatabase(cluster: Cluster, database: string): Promise<string> {
  await makeDatabase(cluster, database, [roles.ledgerOwner, roles.ledger], roles.ledgerOwner);
  return urlOf(cluster, roles.ledgerOwner, database);
}

async function makeDatabase(
  cluster: Cluster,
  database: string,
  needed: readonly string[],
  owner: string,
): Promise<void> {
  await asAdministrator(cluster, 'postgres', async (admin) => {
    const password = admin.escapeLiteral(cluster.password);
    const { rows: known } = await admin.query<{ rolname: string }>('select rolname from pg_roles');
    for (const role of needed) {
      const verb = known.some(({ rolname }) => rolname === role) ? 'alter' : 'create';
      await admin.query(`${verb} role ${role} login password ${password}`);
    }
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await admin.query(`create database ${admin.escapeIdentifier(database)} owner ${owner}`);
  });
}

/** Runs `work` on one connection of the administrator's, closed at the end. */
export async function asAdministrator<Result>(
  cluster: Cluster,
  database: string,
  work: (admin: pg.Client) => Promise<Result>,
): Promise<Result> {
  const admin = new pg.Client({ connectionString: administratorUrl(cluster, database) });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

const urlOf = ({ host, port, password }: Cluster, user: string, database: string): string =>
  `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
