import type pg from 'pg';
import type { CreditorCode } from '../values/ids.ts';
import { outwaitOlder, selectStillness } from './stops.sql.ts';

/** STILL: the creditor's debits are stopped, and none of them is with the core. */
export type Stillness = 'STILL' | 'NOT_STOPPED' | 'UNDER_WAY';

/**
 * For what may only change while nothing of a creditor moves. Until the transaction ends nobody begins, sends or starts
 * again: those who began before are outwaited, those who come wait.
 */
export async function holdStill(db: pg.PoolClient, creditor: CreditorCode): Promise<Stillness> {
  await outwaitOlder(db);
  const { stopped, moving } = await selectStillness(db, creditor);
  if (!stopped) return 'NOT_STOPPED';
  return moving === 0 ? 'STILL' : 'UNDER_WAY';
}
