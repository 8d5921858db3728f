import { writeDocument, type XmlContent } from '../core-banking/iso20022/xml.ts';
import { type Centimes, formatAmount } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { Entry } from './books.sql.ts';
import { accountOf, newMessageId } from './write-answer.ts';

/** A page of a day's movements. The totals are those of all pages, and stand on the last alone. */
export type StatementPage = {
  day: Day;
  page: number;
  entries: readonly StatementEntry[];
  totals: { count: number; sum: Centimes } | undefined;
};

/** A movement as it is written: the account that was debited and the one that was credited. */
export type StatementEntry = {
  reference: string;
  kind: 'DEBIT' | 'REVERSAL';
  debtor: string;
  creditor: string;
  amount: Centimes;
  executedAt: Date;
  bookingDate: string;
  valueDate: string;
  bookingReference: string;
};

export function writeStatement({ day, page, entries, totals }: StatementPage, now: Date): Buffer {
  return writeDocument('urn:iso:std:iso:20022:tech:xsd:camt.053.001.08', {
    BkToCstmrStmt: {
      GrpHdr: {
        MsgId: newMessageId(now),
        CreDtTm: now.toISOString(),
        MsgPgntn: { PgNb: String(page), LastPgInd: totals === undefined ? 'false' : 'true' },
      },
      Stmt: {
        Id: `MOVEMENTS-${day}`,
        ElctrncSeqNb: String(page),
        Acct: { Id: { Othr: { Id: 'GATEWAY', SchmeNm: { Prtry: 'MOVEMENTS' } } } },
        // The schema wants a balance; the movements of many accounts have none.
        Bal: {
          Tp: { CdOrPrtry: { Prtry: 'MOVEMENTS' } },
          Amt: dinars('0.00'),
          CdtDbtInd: 'CRDT',
          Dt: { Dt: day },
        },
        ...(totals !== undefined && {
          TxsSummry: { TtlNtries: { NbOfNtries: String(totals.count), Sum: formatAmount(totals.sum) } },
        }),
        ...(entries.length > 0 && { Ntry: entries.map(writeEntry) }),
      },
    },
  });
}

const writeEntry = (entry: StatementEntry): XmlContent => ({
  Amt: dinars(formatAmount(entry.amount)),
  CdtDbtInd: entry.kind === 'DEBIT' ? 'CRDT' : 'DBIT',
  ...(entry.kind === 'REVERSAL' && { RvslInd: 'true' }),
  Sts: { Cd: 'BOOK' },
  BookgDt: { Dt: entry.bookingDate },
  ValDt: { Dt: entry.valueDate },
  AcctSvcrRef: entry.bookingReference,
  BkTxCd: { Prtry: { Cd: entry.kind } },
  NtryDtls: {
    TxDtls: {
      Refs: { EndToEndId: entry.reference, TxId: entry.reference },
      RltdPties: { DbtrAcct: accountOf(entry.debtor), CdtrAcct: accountOf(entry.creditor) },
      RltdDts: { AccptncDtTm: entry.executedAt.toISOString() },
    },
  },
});

/** Throws where the row is none that moved. */
export function statementEntryOf(entry: Entry): StatementEntry {
  const { kind, debtor, creditor, amount, executedAt, bookingDate, valueDate, bookingReference } = entry;
  if (kind === null || debtor === null || creditor === null || amount === null) throw new Error('no movement');
  if (executedAt === null || bookingDate === null || valueDate === null || bookingReference === null)
    throw new Error('no movement');
  const { reference } = entry;
  return { reference, kind, debtor, creditor, amount, executedAt, bookingDate, valueDate, bookingReference };
}

const dinars = (amount: string): XmlContent => ({ '@Ccy': 'DZD', '#': amount });
