import { type Centimes, currency, formatAmount } from '../../values/centimes.ts';
import { formatInstant } from '../../values/dates.ts';
import type { CoreReference } from '../../values/ids.ts';
import { bankCodeOf, type Rib } from '../../values/rib.ts';
import type { DebitInstruction, ReversalInstruction } from '../port.ts';
import { namespaceOf } from './versions.ts';
import { writeDocument, type XmlContent } from './xml.ts';

/** What every message has of its own: 32 hex digits, its time, and the version in which it is written. */
export type Heading = { messageId: string; createdAt: Date; version: string };

/** The one thing that ISO 20022 has no element for (docs/CORE-BANKING-BUS.md, 'pacs.003'). */
export const ownNamespace = 'urn:cnas-debit-gateway:core-banking:1';

export const writeDebits = (heading: Heading, instructions: readonly DebitInstruction[]): Buffer =>
  write(heading, 'FIToFICstmrDrctDbt', {
    GrpHdr: {
      ...groupOf(heading),
      BtchBookg: 'false',
      NbOfTxs: String(instructions.length),
      SttlmInf: { SttlmMtd: 'INDA' },
    },
    DrctDbtTxInf: instructions.map(({ reference, debtor, creditor, amount, notAfter }) => ({
      PmtId: { EndToEndId: reference, TxId: reference },
      IntrBkSttlmAmt: amountOf(amount),
      ChrgBr: 'SLEV',
      Cdtr: notProvided,
      CdtrAcct: accountOf(creditor),
      CdtrAgt: agentOf(bankCodeOf(creditor)),
      Dbtr: notProvided,
      DbtrAcct: accountOf(debtor),
      DbtrAgt: agentOf(bankCodeOf(debtor)),
      SplmtryData: notAfterOf(notAfter),
    })),
  });

export const writeInquiry = (heading: Heading, references: readonly CoreReference[]): Buffer =>
  write(heading, 'FIToFIPmtStsReq', {
    GrpHdr: groupOf(heading),
    TxInf: references.map(originalOf),
  });

export const writeVoids = (heading: Heading, references: readonly CoreReference[], bankCode: string): Buffer =>
  write(heading, 'FIToFIPmtCxlReq', {
    Assgnmt: {
      Id: heading.messageId,
      Assgnr: { Agt: agentOf(bankCode) },
      Assgne: { Agt: agentOf(bankCode) },
      CreDtTm: formatInstant(heading.createdAt),
    },
    Case: { Id: heading.messageId, Cretr: { Agt: agentOf(bankCode) } },
    CtrlData: { NbOfTxs: String(references.length) },
    Undrlyg: {
      TxInf: references.map((reference) => ({ ...originalOf(reference), CxlRsnInf: { Rsn: { Cd: 'TECH' } } })),
    },
  });

export const writeReversals = (heading: Heading, instructions: readonly ReversalInstruction[]): Buffer =>
  write(heading, 'FIToFIPmtRvsl', {
    GrpHdr: {
      ...groupOf(heading),
      BtchBookg: 'false',
      NbOfTxs: String(instructions.length),
      GrpRvsl: 'false',
      SttlmInf: { SttlmMtd: 'INDA' },
    },
    TxInf: instructions.map(({ reference, original, debtor, creditor, amount, notAfter }) => ({
      RvslId: reference,
      ...originalOf(original),
      OrgnlIntrBkSttlmAmt: amountOf(amount),
      RvsdIntrBkSttlmAmt: amountOf(amount),
      OrgnlTxRef: { DbtrAcct: accountOf(debtor), CdtrAcct: accountOf(creditor) },
      SplmtryData: notAfterOf(notAfter),
    })),
  });

export const writeAccountLookUp = (heading: Heading, rib: Rib): Buffer =>
  write(heading, 'IdVrfctnReq', {
    Assgnmt: {
      MsgId: heading.messageId,
      CreDtTm: formatInstant(heading.createdAt),
      Assgnr: { Agt: agentOf(bankCodeOf(rib)) },
      Assgne: { Agt: agentOf(bankCodeOf(rib)) },
    },
    Vrfctn: { Id: heading.messageId, PtyAndAcctId: { Acct: accountOf(rib) } },
  });

const write = ({ version }: Heading, message: string, content: XmlContent): Buffer =>
  writeDocument(namespaceOf(version), { [message]: content });

const groupOf = ({ messageId, createdAt }: Heading) => ({ MsgId: messageId, CreDtTm: formatInstant(createdAt) });

const originalOf = (reference: CoreReference) => ({ OrgnlEndToEndId: reference, OrgnlTxId: reference });

const amountOf = (amount: Centimes) => ({ '@Ccy': currency, '#': formatAmount(amount) });

const accountOf = (rib: Rib) => ({ Id: { Othr: { Id: rib, SchmeNm: { Prtry: 'RIB' } } } });

const agentOf = (bankCode: string) => ({ FinInstnId: { ClrSysMmbId: { MmbId: bankCode } } });

/** The accounts say who it is: names don't leave the gateway for this. */
const notProvided = { Nm: 'NOTPROVIDED' };

const notAfterOf = (notAfter: Date) => ({
  PlcAndNm: 'NotAfter',
  Envlp: { NotAfter: { '@xmlns': ownNamespace, '#': formatInstant(notAfter) } },
});
