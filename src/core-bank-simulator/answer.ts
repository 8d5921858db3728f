import type { AccountOutcome } from '../core-banking/port.ts';
import { formatAmount } from '../values/centimes.ts';
import type { Standing } from './bank.ts';
import type { Entry } from './books.sql.ts';
import type { Envelope } from './read-request.ts';

/** One line of a pacs.002, as it will be written: a misbehaviour may change any of it. */
export type StatusLine = {
  transactionId: string;
  endToEndId: string;
  status: string;
  reason?: string;
  /** Beside that one, as they are written. */
  moreReasons?: readonly ({ Cd: string } | { Prtry: string })[];
  booking?: { reference: string; executedAt: Date; bookingDate: string; valueDate: string };
  original?: { amount: string; currency: string; debtor: string; creditor: string };
};

export type CancellationLine = { transactionId: string; endToEndId: string; status: string };

/** An answer before it is written. */
export type BusAnswer =
  | { answer: 'pacs.002'; to: Envelope; groupStatus?: string; lines: StatusLine[] }
  | { answer: 'camt.029'; to: Envelope; caseId: string; lines: CancellationLine[] }
  | {
      answer: 'acmt.024';
      to: Envelope & { createdAt: string; verificationId: string };
      rib: string;
      account: AccountOutcome;
    };

/** `about`: a reversal that was given back already has a code of its own, since AM05 would read as a duplicate. */
export function statusLineOf(reference: string, standing: Standing): StatusLine {
  const names = { transactionId: reference, endToEndId: reference };
  switch (standing.standing) {
    case 'UNKNOWN':
      return { ...names, status: 'RJCT', reason: 'NOOR' };
    case 'OTHER_CONTENT':
      return { ...names, status: 'RJCT', reason: 'DU03', ...originalOf(standing.entry) };
    case 'STORED':
      return { ...names, ...storedLine(standing.entry) };
  }
}

function storedLine(entry: Entry): Omit<StatusLine, 'transactionId' | 'endToEndId'> {
  switch (entry.outcome) {
    case 'VOIDED':
      return { status: 'CANC' };
    case 'REFUSED': {
      const givenBackAlready = entry.kind === 'REVERSAL' && entry.reason === 'AM05';
      return { status: 'RJCT', reason: givenBackAlready ? 'ARDT' : (entry.reason ?? 'MS03'), ...originalOf(entry) };
    }
    case 'MOVED': {
      const { bookingReference, executedAt, bookingDate, valueDate } = entry;
      if (bookingReference === null || executedAt === null || bookingDate === null || valueDate === null)
        throw new Error('a booking without its times');
      const booking = { reference: bookingReference, executedAt, bookingDate, valueDate };
      return { status: 'ACSC', booking, ...originalOf(entry) };
    }
  }
}

/** As instructed: the books hold a reversal's accounts the other way round. */
function originalOf({ kind, debtor, creditor, amount }: Entry): Pick<StatusLine, 'original'> {
  if (debtor === null || creditor === null || amount === null) return {};
  const accounts = kind === 'REVERSAL' ? { debtor: creditor, creditor: debtor } : { debtor, creditor };
  return { original: { amount: formatAmount(amount), currency: 'DZD', ...accounts } };
}
