import type { Day } from '../../values/dates.ts';
import type { Movement } from '../port.ts';
import { type BusParts, deadline, documentOf } from './converse.ts';
import { isWhole, readStatementPage } from './read-statement.ts';

/**
 * A day of a million movements passes, in pages of a thousand within minutes. Past these a bus is no longer telling of
 * a day, and would be followed until the memory is full.
 */
export const statementBounds = { entries: 2_000_000, seconds: 1800 };

/** Page after page until the bus says that it was the last. Rejects where the day is not told whole. */
export async function readStatement(parts: BusParts, day: Day): Promise<Movement[]> {
  const { entries, seconds } = parts.statementBounds;
  const end = AbortSignal.timeout(seconds * 1000);
  const movements: Movement[] = [];
  for (let page = 1; ; page += 1) {
    const path = `/statements/${day}?page=${page}`;
    const exchange = await parts.bus.exchange({ path, body: undefined }, AbortSignal.any([end, deadline(parts)]));
    const read = documentOf(parts, exchange, 'camt.053');
    const statement = read && readStatementPage(read.root, day, page);
    if (statement === undefined) throw new Error(`page ${page} of the bus's statement: ${exchange.outcome}`);
    for (const movement of statement.movements) movements.push(movement);
    if (statement.last) {
      if (!isWhole(movements, statement.totals)) throw new Error("the bus's statement is not what it counts");
      return movements;
    }
    // Each page but the last has something, so that pages end with the entries.
    if (statement.movements.length === 0)
      throw new Error(`page ${page} of the bus's statement is empty, and not the last`);
    if (movements.length > entries) throw new Error(`the bus's statement has more than ${entries} entries`);
  }
}
