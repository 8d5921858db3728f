import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { type EmbeddedServer, openEmbeddedServer } from '../src/database/embedded.ts';
import { openPool } from '../src/database/pool.ts';
import { type DatabaseUrls, prepareDatabase, urlsOf } from '../src/database/roles.ts';
import type { Work } from '../src/jobs/work.ts';
import { openSealer } from '../src/journal/sealer.ts';
import type { StatementParts } from '../src/statements/close.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../src/values/dates.ts';
import { parseJws } from '../src/values/ids.ts';
import { insertMandate, must } from './bank.ts';
import { ribOf } from './ledger-bank.ts';
import { insertSettledDebits } from './settled-debits.ts';

/** Yesterday with so many settled debits of one creditor, all of it sealed, on a database server of its own. */
export type VolumeDay = AsyncDisposable & {
  day: Day;
  server: EmbeddedServer;
  urls: DatabaseUrls;
  gateway: pg.Pool;
  owner: pg.Pool;
};

/** Says what took how long. */
export type Timed = <Result>(what: string, act: () => Promise<Result>) => Promise<Result>;

/** The name of its database. */
export const volumeDatabase = 'volume';

export async function openVolumeDay(count: number, timed: Timed): Promise<VolumeDay> {
  await using open = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-volume-'));
  const server = open.use(await openEmbeddedServer({ folder, durable: false, temporary: true }));
  await prepareDatabase(server.cluster, volumeDatabase);
  const urls = urlsOf(server.cluster, volumeDatabase);
  const poolOf = (role: 'gateway' | 'owner' | 'ledger', statementSeconds = 5) =>
    open.adopt(openPool({ url: urls[role], applicationName: `volume ${role}`, statementSeconds }), (pool) =>
      pool.end(),
    );
  const [gateway, owner, ledger] = [poolOf('gateway'), poolOf('owner', 600), poolOf('ledger')];

  const day = addDays(algiersDay(new Date()), -1);
  const instant = new Date(startOfAlgiersDay(day).getTime() + 36_000_000);
  await owner.query(
    `insert into creditors (creditor_code, name_fr, name_ar, collection_account, registered_at) values ('CNAS', 'Caisse', 'صندوق', $1, $2)`,
    [ribOf(9_000_001), startOfAlgiersDay(day)],
  );
  const mandateId = await insertMandate({ owner, ledger }, new Date(), {});
  await timed(`${count} debits stored`, () => insertSettledDebits({ owner }, { mandateId, count, instant }));
  await timed('journal sealed', async () => {
    const sealer = openSealer({ pool: gateway, most: 10_000 });
    while ((await sealer.run()) > 0);
    await sealer.run();
    await sealer.release();
  });
  const closing = open.move();
  return { ...{ day, server, urls, gateway, owner }, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Work on that day as a gateway does it today: its tokens verify nowhere. */
export const volumeWorkParts = ({ gateway, day }: Pick<VolumeDay, 'gateway' | 'day'>): StatementParts => ({
  db: gateway,
  now: () => startOfAlgiersDay(addDays(day, 1)),
  sign: async ({ type, jti, audience, issuedAt }) => ({
    ...{ type, jti, audience, issuedAt, keyThumbprint: 'volume' },
    token: must(parseJws('a.b.c')),
  }),
});

/** Does what is due of it, once. */
export async function runDue(work: Work): Promise<void> {
  for (const { fault } of await work.run(await work.due(1))) throw fault;
}
