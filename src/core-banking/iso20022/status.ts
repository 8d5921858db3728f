import type { ReasonCode } from '../../values/reasons.ts';

/** Why a transaction stands as it does: a code of ISO 20022's lists, or the bank's own word, which means nothing here. */
export type StatusReason = { code: string } | { proprietary: string };

/** What a status says of one transaction. SILENT: nothing, whether it moved or not. */
export type Meaning =
  | { meaning: 'MOVED' }
  | { meaning: 'REFUSED'; reason: ReasonCode }
  | { meaning: 'VOIDED' }
  | { meaning: 'UNKNOWN' }
  | { meaning: 'SILENT' };

const silent: Meaning = { meaning: 'SILENT' };

/**
 * The table of docs/CORE-BANKING-BUS.md, 'Statuses and what they mean'. Whatever it does not know is silence, never a
 * refusal: only a status that says 'rejected' can be one.
 */
export function meaningOf(status: string | undefined, reasons: readonly StatusReason[], ofReversal: boolean): Meaning {
  switch (status) {
    case 'ACSC':
    case 'ACCC':
      return { meaning: 'MOVED' };
    case 'RJCT':
      return refusalOf(reasons, ofReversal);
    case 'CANC':
      return { meaning: 'VOIDED' };
    default:
      return silent;
  }
}

function refusalOf(reasons: readonly StatusReason[], ofReversal: boolean): Meaning {
  const [first, ...others] = reasons.map((reason) => meaningOfReason(reason, ofReversal));
  if (first === undefined) return { meaning: 'REFUSED', reason: 'MS03' };
  const all = [first, ...others];
  // One that is not a refusal makes the rest worth nothing.
  const refusals = all.filter((one) => one.meaning === 'REFUSED');
  if (refusals.length < all.length) return all.length === 1 ? first : silent;
  return refusals.every(({ reason }) => reason === refusals[0]?.reason)
    ? first
    : { meaning: 'REFUSED', reason: 'MS03' };
}

/** A duplicate says that the bus has seen the reference before: perhaps it moved then. */
const duplicates: ReadonlySet<string> = new Set(['AM05', 'DUPL', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05']);

const ourReasons: Readonly<Record<string, ReasonCode>> = {
  AC01: 'AC01',
  AC02: 'AC01',
  AC03: 'AC03',
  AC04: 'AC04',
  AC05: 'AC04',
  AC06: 'AC06',
  AC07: 'AC07',
  AM02: 'AM02',
  AM04: 'AM04',
  TM01: 'TM01',
  AB03: 'AB03',
  AB05: 'AB03',
  AB06: 'AB03',
};

function meaningOfReason(reason: StatusReason, ofReversal: boolean): Meaning {
  if ('proprietary' in reason || duplicates.has(reason.code)) return silent;
  if (reason.code === 'NOOR') return { meaning: 'UNKNOWN' };
  // 'Already given back' is a refusal of a reversal; of a debit it says that its money has moved once.
  if (reason.code === 'ARDT') return ofReversal ? { meaning: 'REFUSED', reason: 'AM05' } : silent;
  return { meaning: 'REFUSED', reason: ourReasons[reason.code] ?? 'MS03' };
}
