import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { DebitId } from '../values/ids.ts';
import type { OpenDebit } from './debit.ts';
import { meetMovements, selectLastRestore } from './restore.sql.ts';

/**
 * Keeps the booking of a debit that this database has lost: it was put back, or another took over, between the send and
 * the core's answer. It is met like those that are read after a restore: unclaimed, it holds up what could pay its
 * declaration again until its creditor asks for it under the same name. This answer may be the only word of it.
 */
export async function keepUnheard(
  db: Queryable,
  { reference, debtor, collectionAccount: creditor }: OpenDebit,
  booking: Booking,
  contradict: (debitId: DebitId, booking: Booking) => Promise<unknown>,
): Promise<void> {
  const epoch = await selectLastRestore(db);
  if (epoch === undefined) throw new Error('money moved for a debit that is not there, in a database never put back');
  const [met] = await meetMovements(db, epoch, [{ reference, debtor, creditor, booking }]);
  if (met?.fate === 'CONTRADICTS' && met.debitId !== undefined) await contradict(met.debitId, booking);
}
