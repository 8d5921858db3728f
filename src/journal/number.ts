import type pg from 'pg';
import { inTransaction } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { startSweeps } from '../jobs/sweep.ts';
import { holdProgress, lockProgress, type NumberedEvents, numberEvents } from './events.sql.ts';
import { eventKinds } from './events.ts';

export type NumberingParts = {
  pool: pg.Pool;
  /** Rows in one transaction. */
  most?: number;
  /** What this program knows. */
  kinds?: typeof eventKinds;
};

/**
 * Goes on giving the creditors' events their numbers, in the order of the seals; of several replicas one does. What is
 * numbered, its number and how far that has come commit together: whatever stops this, the next round goes on from there.
 */
export async function numberSealed({ pool, most = 1000, kinds = eventKinds }: NumberingParts): Promise<NumberedEvents> {
  return inTransaction(pool, async (db) => {
    const place = await lockProgress(db);
    return place === undefined ? { took: 0, ready: 0, unknown: undefined } : numberEvents(db, place, most, kinds);
  });
}

/** Numbers a few times a second until it is closed. */
export function startNumbering(
  parts: NumberingParts & {
    /** Told where there is something to push. */
    onReady: () => void;
    /** Told once of each kind before which the events stand still, until a newer program goes on. */
    onUnknownKind: (kind: string) => void;
    onFault: (fault: unknown) => void;
  },
): AsyncDisposable {
  const { most = 1000, onReady, onUnknownKind, onFault } = parts;
  const toldOf = new Set<string>();
  const run = async () => {
    const { took, ready, unknown } = await numberSealed({ ...parts, most });
    if (ready > 0) onReady();
    if (unknown !== undefined && !toldOf.has(unknown)) onUnknownKind(unknown);
    if (unknown !== undefined) toldOf.add(unknown);
    return took < most ? 0 : took;
  };
  return startSweeps([{ name: 'events', run }], { everySeconds: 0.25, onFault: (_name, fault) => onFault(fault) });
}

/**
 * No event is numbered from here to the end of the transaction, and what follows in it sees all that were. For who begins
 * to push them: an event that is numbered meanwhile would be laid ready for nobody.
 */
export const holdNumbering = (db: Queryable): Promise<void> => holdProgress(db);
