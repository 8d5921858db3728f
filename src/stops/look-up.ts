import type { Queryable } from '../database/queryable.ts';
import type { Stop, StopId } from './stop.ts';
import { selectStop } from './stops.sql.ts';

export {
  listEndedStops,
  listStandingStops as standingStops,
  listUnexplained as unexplainedMovements,
  selectRestoreOf as restoreOf,
  selectUnderWay as underWayOf,
  type UnexplainedMovement,
} from './stops.sql.ts';

/** One stop, where staff of these agencies may see it: a mandate's is its agency's. */
export async function lookUpStop(
  db: Queryable,
  stopId: StopId,
  agencies: 'ALL' | readonly string[],
): Promise<Stop | undefined> {
  const stop = await selectStop(db, stopId);
  const hidden = agencies !== 'ALL' && stop?.agency !== undefined && !agencies.includes(stop.agency);
  return hidden ? undefined : stop;
}
