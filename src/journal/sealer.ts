import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { startSweeps } from '../jobs/sweep.ts';
import { uuidV7 } from '../values/ids.ts';
import { type EpochCause, insertEpoch, selectSameDatabase } from './epoch.sql.ts';
import { lookAtLease, releaseLease, type SealerState, sealNext, sealPassed, takeLease } from './seal.sql.ts';

export type SealerParts = {
  pool: pg.Pool;
  /** How long a replica that stopped without a word keeps the others waiting. */
  leaseSeconds?: number;
  /** Rows in one transaction. */
  most?: number;
};

export type Sealer = {
  /** One round. Answers the rows that it sealed where there may be more at once, 0 where the next round will do. */
  run: () => Promise<number>;
  release: () => Promise<void>;
};

/**
 * One replica's sealer. Of all replicas only the one with the lease works; whoever has none looks, and takes over when
 * the lease ends. The lease saves work, it decides nothing: each round holds the lock on the row that says where the
 * numbers are, and leaves it with them in one transaction, so that none is given twice or left out.
 */
export function openSealer({ pool, leaseSeconds = 5, most = 1000 }: SealerParts): Sealer {
  const holder = randomUUID();
  return {
    async run() {
      const { lease, endsSoon, work } = await lookAtLease(pool, holder, leaseSeconds);
      if (lease === 'NONE') await insertEpoch(pool, { after: 0, by: 'gateway', cause: 'first', stopId: newStopId() });
      if (lease === 'OTHERS' || (lease === 'MINE' && !endsSoon && !work)) return 0;
      const sealed = await inTransaction(pool, async (db) => {
        const state = await takeLease(db, holder, leaseSeconds);
        if (state === undefined) return 0;
        if (state.same_database) return sealNext(db, state, most);
        // Sealed from the next round on, by the numbers of the new epoch.
        await beginNext(db, state, 'gateway', 'another-database');
        return most;
      });
      return sealed < most ? 0 : sealed;
    },
    release: () => releaseLease(pool, holder),
  };
}

const newStopId = () => uuidV7(new Date());

async function beginNext(
  db: pg.PoolClient,
  last: SealerState,
  by: string,
  cause: EpochCause,
): Promise<number | undefined> {
  const begun = await insertEpoch(db, { after: last.epoch, by, cause, stopId: newStopId() });
  if (begun !== undefined) await sealPassed(db, last);
  return begun;
}

/** Whether the database was put back to an earlier time, and no epoch has begun there since. */
export const isAnotherDatabase = async (db: Queryable): Promise<boolean> => (await selectSameDatabase(db)) === false;

/**
 * Before anything else is begun: where the database was put back to an earlier time, its next epoch begins here, and with
 * it the stop. A lease that is still written there is a sealer's of before, and holds nobody up. Rejects where it can't be begun:
 * then nothing may be.
 */
export async function beginEpochWhereRestored(pool: pg.Pool, most = 20): Promise<void> {
  for (let tries = 0; await isAnotherDatabase(pool); tries += 1) {
    if (tries === most) throw new Error('the database was put back, and its next epoch could not be begun');
    const begun = await inTransaction(pool, async (db) => {
      const state = await takeLease(db, randomUUID(), 0);
      return state?.same_database === false ? beginNext(db, state, 'gateway', 'another-database') : undefined;
    });
    if (begun === undefined) await pause(250);
  }
}

/** Seals a few times a second until it is closed; then another replica may begin at once. */
export function startSealing(parts: SealerParts & { onFault: (fault: unknown) => void }): AsyncDisposable {
  const sealer = openSealer(parts);
  const sweeps = startSweeps([{ name: 'journal', run: sealer.run }], {
    everySeconds: 0.25,
    onFault: (_name, fault) => parts.onFault(fault),
  });
  return {
    async [Symbol.asyncDispose]() {
      await sweeps[Symbol.asyncDispose]();
      await sealer.release().catch(parts.onFault);
    },
  };
}

/**
 * Begins a new epoch by hand: after a copy of the data folder was put back, which PostgreSQL itself can't tell. The
 * gateway is stopped meanwhile. Answers the new epoch; undefined where the journal was never sealed.
 */
export async function beginEpoch(pool: pg.Pool, by: string): Promise<number | undefined> {
  return inTransaction(pool, async (db) => {
    const state = await takeLease(db, randomUUID(), 0);
    if (state === undefined) return undefined;
    return beginNext(db, state, by, 'restored');
  });
}
