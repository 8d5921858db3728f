import { namespaceOf } from '../src/core-banking/iso20022/versions.ts';
import { writeDocument, type XmlContent } from '../src/core-banking/iso20022/xml.ts';
import type { DebitInstruction } from '../src/core-banking/port.ts';
import { formatAmount } from '../src/values/centimes.ts';
import type { CoreReference } from '../src/values/ids.ts';

/** What a bus says, as docs/CORE-BANKING-BUS.md writes it, each part of it to be bent by a test. */
export const statusReport = (answers: string, lines: readonly XmlContent[], groupStatus?: string): Buffer =>
  writeDocument(namespaceOf('pacs.002.001.10'), {
    FIToFIPmtStsRpt: {
      GrpHdr: { MsgId: 'BUS-1', CreDtTm: '2026-01-31T10:15:00.180Z' },
      OrgnlGrpInfAndSts: {
        OrgnlMsgId: answers,
        OrgnlMsgNmId: 'pacs.003.001.08',
        ...(groupStatus === undefined ? {} : { GrpSts: groupStatus }),
      },
      ...(lines.length === 0 ? {} : { TxInfAndSts: lines }),
    },
  });

export type LineWish = {
  status?: string;
  reasons?: readonly XmlContent[];
  amount?: string;
  currency?: string;
  debtor?: string;
  creditor?: string;
  transactionId?: string;
  executedAt?: string;
  bookingReference?: string;
  bookingDate?: string;
  valueDate?: string;
  without?: readonly string[];
};

export const booked = {
  bookingReference: 'B-7',
  executedAt: new Date('2026-01-31T10:15:00.171Z'),
  bookingDate: '2026-01-31',
  valueDate: '2026-02-01',
};

/** One transaction that moved as it was asked, but for what the wish says. */
export function lineOf(instruction: DebitInstruction, wish: LineWish = {}): XmlContent {
  const { reference, debtor, creditor, amount } = instruction;
  const line: Record<string, string | XmlContent | readonly XmlContent[]> = {
    OrgnlEndToEndId: reference,
    OrgnlTxId: wish.transactionId ?? reference,
    TxSts: wish.status ?? 'ACSC',
    ...(wish.reasons && { StsRsnInf: wish.reasons.map((Rsn) => ({ Rsn })) }),
    AccptncDtTm: wish.executedAt ?? booked.executedAt.toISOString(),
    FctvIntrBkSttlmDt: { Dt: wish.bookingDate ?? booked.bookingDate },
    AcctSvcrRef: wish.bookingReference ?? booked.bookingReference,
    OrgnlTxRef: {
      IntrBkSttlmAmt: { '@Ccy': wish.currency ?? 'DZD', '#': wish.amount ?? formatAmount(amount) },
      IntrBkSttlmDt: wish.valueDate ?? booked.valueDate,
      DbtrAcct: account(wish.debtor ?? debtor),
      CdtrAcct: account(wish.creditor ?? creditor),
    },
  };
  return Object.fromEntries(Object.entries(line).filter(([name]) => !wish.without?.includes(name)));
}

export const resolution = (answers: string, lines: readonly { reference: CoreReference; status: string }[]): Buffer =>
  writeDocument(namespaceOf('camt.029.001.09'), {
    RsltnOfInvstgtn: {
      Assgnmt: { Id: 'BUS-2', Assgnr: { Agt: agent }, Assgne: { Agt: agent }, CreDtTm: '2026-01-31T10:15:00.180Z' },
      RslvdCase: { Id: answers, Cretr: { Agt: agent } },
      Sts: { Conf: 'CNCL' },
      CxlDtls: {
        TxInfAndSts: lines.map(({ reference, status }) => ({
          OrgnlEndToEndId: reference,
          OrgnlTxId: reference,
          TxCxlSts: status,
        })),
      },
    },
  });

const agent = { FinInstnId: { ClrSysMmbId: { MmbId: '005' } } };

export const account = (rib: string): XmlContent => ({ Id: { Othr: { Id: rib, SchmeNm: { Prtry: 'RIB' } } } });

export type EntryWish = {
  day?: string;
  status?: string;
  amount?: string;
  currency?: string;
  without?: readonly string[];
};

/** One movement of a day's statement, as it was booked but for what the wish says. */
export function entryOf(instruction: DebitInstruction, wish: EntryWish = {}): XmlContent {
  const { reference, debtor, creditor, amount } = instruction;
  const details: Record<string, string | XmlContent> = {
    Refs: { EndToEndId: reference, TxId: reference },
    RltdPties: { DbtrAcct: account(debtor), CdtrAcct: account(creditor) },
    RltdDts: { AccptncDtTm: booked.executedAt.toISOString() },
  };
  const entry: Record<string, string | XmlContent> = {
    Amt: { '@Ccy': wish.currency ?? 'DZD', '#': wish.amount ?? formatAmount(amount) },
    CdtDbtInd: 'CRDT',
    Sts: { Cd: wish.status ?? 'BOOK' },
    BookgDt: { Dt: wish.day ?? booked.bookingDate },
    ValDt: { Dt: booked.valueDate },
    AcctSvcrRef: booked.bookingReference,
    BkTxCd: { Prtry: { Cd: 'DEBIT' } },
    NtryDtls: { TxDtls: without(details, wish.without) },
  };
  return without(entry, wish.without);
}

export type PageWish = { last?: boolean; numbered?: string; totals?: { count: string; sum: string } };

/** A page of it, the last but for what the wish says. */
export function statementPage(page: number, entries: readonly XmlContent[], wish: PageWish = {}): Buffer {
  return writeDocument(namespaceOf('camt.053.001.08'), {
    BkToCstmrStmt: {
      GrpHdr: {
        MsgId: 'BUS-1',
        CreDtTm: '2026-01-31T10:15:00.180Z',
        MsgPgntn: { PgNb: wish.numbered ?? String(page), LastPgInd: String(wish.last ?? true) },
      },
      Stmt: {
        Id: 'S',
        ...(wish.totals && { TxsSummry: { TtlNtries: { NbOfNtries: wish.totals.count, Sum: wish.totals.sum } } }),
        ...(entries.length > 0 && { Ntry: entries }),
      },
    },
  });
}

const without = (content: Record<string, string | XmlContent>, names: readonly string[] = []): XmlContent =>
  Object.fromEntries(Object.entries(content).filter(([name]) => !names.includes(name)));
