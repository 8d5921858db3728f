import type { EndToEndId } from '../values/ids.ts';
import type { DebitRecord } from './lookup.sql.ts';
import type { TurnedAway } from './reserve.sql.ts';

/**
 * What became of an order. DEBIT: the debit as it stands, whatever its state; `replayed` where it was not this request
 * that began it. NAME_TAKEN: another debit has the name. OTHERS_UNDER_WAY: too many of its mandate's debits have not
 * ended yet. But for DEBIT none has left a debit behind.
 */
export type DebitOutcome =
  | { outcome: 'DEBIT'; debit: DebitRecord; replayed: boolean }
  | { outcome: 'NAME_TAKEN'; endToEndId: EndToEndId }
  | { outcome: 'OTHERS_UNDER_WAY' | Exclude<TurnedAway, Conflict> }
  | { outcome: Conflict; live: readonly DebitRecord[] };

/** The declaration is paid, being paid, or declared otherwise: told with the debits that say so. */
export type Conflict = 'DECLARED_DIFFERS' | 'DECLARATION_PAID' | 'OVER_DECLARED';
