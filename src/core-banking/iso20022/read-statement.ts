import { type Centimes, sumOf } from '../../values/centimes.ts';
import { type Day, parseDay, parseInstant } from '../../values/dates.ts';
import { parseCoreReference } from '../../values/ids.ts';
import type { Movement } from '../port.ts';
import { accountAt, amountAt, centimesOf, isOurCurrency } from './lines.ts';
import { childrenOf, only, textAt, type XmlElement } from './xml.ts';

export type StatementPage = {
  movements: readonly Movement[];
  last: boolean;
  /** Of all pages; stands on the last. */
  totals: { count: number; sum: Centimes } | undefined;
};

/**
 * Reads one page of a day's camt.053. Undefined where anything on it can't be read: a movement that is left out would
 * look like money that never moved.
 */
export function readStatementPage(root: XmlElement, day: Day, page: number): StatementPage | undefined {
  const document = only(root, 'BkToCstmrStmt');
  const statement = only(document, 'Stmt');
  const pagination = only(document, 'GrpHdr', 'MsgPgntn');
  const last = textAt(pagination, 'LastPgInd');
  if (statement === undefined || Number(textAt(pagination, 'PgNb')) !== page) return undefined;
  if (last !== 'true' && last !== 'false') return undefined;
  const movements = childrenOf(statement, 'Ntry').map((entry) => movementOf(entry, day));
  const readable = movements.filter((movement) => movement !== undefined);
  if (readable.length < movements.length) return undefined;
  return { movements: readable, last: last === 'true', totals: totalsOf(only(statement, 'TxsSummry', 'TtlNtries')) };
}

/** Every entry that the last page counts is there. */
export const isWhole = (movements: readonly Movement[], totals: StatementPage['totals']): boolean =>
  totals !== undefined &&
  totals.count === movements.length &&
  totals.sum === sumOf(movements.map(({ booking }) => booking.amount));

function totalsOf(totals: XmlElement | undefined): StatementPage['totals'] {
  const count = textAt(totals, 'NbOfNtries');
  const sum = centimesOf(textAt(totals, 'Sum') ?? '');
  return count === undefined || !/^\d{1,15}$/.test(count) || sum === undefined
    ? undefined
    : { count: Number(count), sum };
}

function movementOf(entry: XmlElement, day: Day): Movement | undefined {
  const details = only(entry, 'NtryDtls', 'TxDtls');
  const parties = only(details, 'RltdPties');
  const reference = parseCoreReference(textAt(details, 'Refs', 'TxId') ?? '');
  const amount = amountAt(entry, 'Amt');
  const bookingReference = textAt(entry, 'AcctSvcrRef');
  const executedAt = parseInstant(textAt(details, 'RltdDts', 'AccptncDtTm') ?? '');
  const bookingDate = parseDay(textAt(entry, 'BookgDt', 'Dt') ?? '');
  const valueDate = parseDay(textAt(entry, 'ValDt', 'Dt') ?? '');
  const [debtor, creditor] = [accountAt(parties, 'DbtrAcct'), accountAt(parties, 'CdtrAcct')];
  if (textAt(entry, 'Sts', 'Cd') !== 'BOOK' || bookingDate !== day) return undefined;
  if (reference === undefined || textAt(details, 'Refs', 'EndToEndId') !== reference) return undefined;
  if (amount?.amount === undefined || !isOurCurrency(amount)) return undefined;
  if (debtor === undefined || debtor === 'NO_RIB' || creditor === undefined || creditor === 'NO_RIB') return undefined;
  if (bookingReference === undefined || executedAt === undefined || valueDate === undefined) return undefined;
  return {
    reference,
    debtor,
    creditor,
    booking: { bookingReference, executedAt, bookingDate, valueDate, amount: amount.amount },
  };
}
