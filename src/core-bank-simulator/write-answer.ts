import { writeDocument, type XmlContent } from '../core-banking/iso20022/xml.ts';
import type { AccountOutcome } from '../core-banking/port.ts';
import { uuidV7 } from '../values/ids.ts';
import type { BusAnswer, CancellationLine, StatusLine } from './answer.ts';

const namespaceOf = (version: string): string => `urn:iso:std:iso:20022:tech:xsd:${version}`;

export const newMessageId = (now: Date): string => uuidV7(now).replaceAll('-', '');

/** Writes an answer as docs/CORE-BANKING-BUS.md has it, and by nothing else: the adapter's own code is not looked at. */
export function writeAnswer(answer: BusAnswer, now: Date): Buffer {
  switch (answer.answer) {
    case 'pacs.002':
      return writeDocument(namespaceOf('pacs.002.001.10'), { FIToFIPmtStsRpt: statusReport(answer, now) });
    case 'camt.029':
      return writeDocument(namespaceOf('camt.029.001.09'), { RsltnOfInvstgtn: resolution(answer, now) });
    case 'acmt.024':
      return writeDocument(namespaceOf('acmt.024.001.03'), { IdVrfctnRpt: verificationReport(answer, now) });
  }
}

const statusReport = (answer: Extract<BusAnswer, { answer: 'pacs.002' }>, now: Date): XmlContent => ({
  GrpHdr: { MsgId: newMessageId(now), CreDtTm: now.toISOString() },
  OrgnlGrpInfAndSts: {
    OrgnlMsgId: answer.to.messageId,
    OrgnlMsgNmId: answer.to.version,
    ...(answer.groupStatus !== undefined && { GrpSts: answer.groupStatus }),
  },
  TxInfAndSts: answer.lines.map(statusLine),
});

const statusLine = ({ booking, original, ...line }: StatusLine): XmlContent => ({
  OrgnlEndToEndId: line.endToEndId,
  OrgnlTxId: line.transactionId,
  TxSts: line.status,
  ...reasonsOf(line),
  ...(booking !== undefined && {
    AccptncDtTm: booking.executedAt.toISOString(),
    FctvIntrBkSttlmDt: { Dt: booking.bookingDate },
    AcctSvcrRef: booking.reference,
  }),
  ...(original !== undefined && {
    OrgnlTxRef: {
      IntrBkSttlmAmt: { '@Ccy': original.currency, '#': original.amount },
      ...(booking !== undefined && { IntrBkSttlmDt: booking.valueDate }),
      DbtrAcct: accountOf(original.debtor),
      CdtrAcct: accountOf(original.creditor),
    },
  }),
});

function reasonsOf({ reason, moreReasons = [] }: Omit<StatusLine, 'booking' | 'original'>): XmlContent {
  const reasons = [...(reason === undefined ? [] : [{ Cd: reason }]), ...moreReasons];
  return reasons.length === 0 ? {} : { StsRsnInf: reasons.map((one) => ({ Rsn: one })) };
}

function resolution(answer: Extract<BusAnswer, { answer: 'camt.029' }>, now: Date): XmlContent {
  const voided = answer.lines.filter(({ status }) => status === 'ACCR').length;
  const confirmation = voided === answer.lines.length ? 'CNCL' : voided === 0 ? 'RJCR' : 'PDCR';
  return {
    Assgnmt: { Id: newMessageId(now), Assgnr: bank, Assgne: gateway, CreDtTm: now.toISOString() },
    RslvdCase: { Id: answer.caseId, Cretr: gateway },
    Sts: { Conf: confirmation },
    CxlDtls: { TxInfAndSts: answer.lines.map(cancellationLine) },
  };
}

const cancellationLine = ({ endToEndId, transactionId, status }: CancellationLine): XmlContent => ({
  OrgnlEndToEndId: endToEndId,
  OrgnlTxId: transactionId,
  TxCxlSts: status,
});

function verificationReport(answer: Extract<BusAnswer, { answer: 'acmt.024' }>, now: Date): XmlContent {
  const { account, rib, to } = answer;
  const reason = verificationReason(account);
  const known = account.outcome === 'FOUND' ? account.holder : undefined;
  return {
    Assgnmt: { MsgId: newMessageId(now), CreDtTm: now.toISOString(), Assgnr: bank, Assgne: gateway },
    OrgnlAssgnmt: { MsgId: to.messageId, CreDtTm: to.createdAt },
    Rpt: {
      OrgnlId: to.verificationId,
      Vrfctn: reason === undefined ? 'true' : 'false',
      ...(reason !== undefined && { Rsn: { Cd: reason } }),
      OrgnlPtyAndAcctId: { Acct: accountOf(rib) },
      ...(known !== undefined && { UpdtdPtyAndAcctId: { Pty: { Nm: known.slice(0, 140) } } }),
    },
  };
}

/** Undefined: open. */
function verificationReason(account: AccountOutcome): string | undefined {
  switch (account.outcome) {
    case 'UNKNOWN':
      return 'AC01';
    case 'UNREACHABLE':
      throw new Error('the ledger did not answer');
    case 'FOUND':
      return { OPEN: undefined, BLOCKED: 'AC06', CLOSED: 'AC04' }[account.status];
  }
}

export const accountOf = (rib: string): XmlContent => ({ Id: { Othr: { Id: rib, SchmeNm: { Prtry: 'RIB' } } } });

const party = (name: string): XmlContent => ({ Agt: { FinInstnId: { ClrSysMmbId: { MmbId: name } } } });
const bank = party('CORE');
const gateway = party('GATEWAY');
