import { randomBytes } from 'node:crypto';

/** Messages to the bus as text, written by hand from docs/CORE-BANKING-BUS.md: neither side's own code. */
export type Ordered = {
  reference: string;
  debtor: string;
  creditor: string;
  amount: string;
  notAfter?: Date | null;
  /** Of a reversal: the debit that it gives back. */
  original?: string;
};

export const newId = (): string => randomBytes(16).toString('hex');

const later = () => new Date(Date.now() + 3_600_000);
const now = () => new Date().toISOString();
const names = (reference: string) =>
  `<OrgnlEndToEndId>${reference}</OrgnlEndToEndId><OrgnlTxId>${reference}</OrgnlTxId>`;
const account = (rib: string) => `<Id><Othr><Id>${rib}</Id><SchmeNm><Prtry>RIB</Prtry></SchmeNm></Othr></Id>`;
const agent = '<FinInstnId><ClrSysMmbId><MmbId>005</MmbId></ClrSysMmbId></FinInstnId>';

const document = (version: string, body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:${version}">${body}</Document>`;

const notAfterOf = ({ notAfter = later() }: Ordered): string =>
  notAfter === null
    ? ''
    : `<SplmtryData><PlcAndNm>NotAfter</PlcAndNm><Envlp><NotAfter xmlns="urn:cnas-debit-gateway:core-banking:1">${notAfter.toISOString()}</NotAfter></Envlp></SplmtryData>`;

export const debitMessage = (orders: readonly Ordered[], messageId = newId()): string =>
  document(
    'pacs.003.001.08',
    `<FIToFICstmrDrctDbt><GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>${now()}</CreDtTm><BtchBookg>false</BtchBookg>
<NbOfTxs>${orders.length}</NbOfTxs><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>${orders
      .map(
        (order) => `<DrctDbtTxInf>
<PmtId><EndToEndId>${order.reference}</EndToEndId><TxId>${order.reference}</TxId></PmtId>
<IntrBkSttlmAmt Ccy="DZD">${order.amount}</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr>
<Cdtr><Nm>NOTPROVIDED</Nm></Cdtr><CdtrAcct>${account(order.creditor)}</CdtrAcct><CdtrAgt>${agent}</CdtrAgt>
<Dbtr><Nm>NOTPROVIDED</Nm></Dbtr><DbtrAcct>${account(order.debtor)}</DbtrAcct><DbtrAgt>${agent}</DbtrAgt>
${notAfterOf(order)}</DrctDbtTxInf>`,
      )
      .join('')}</FIToFICstmrDrctDbt>`,
  );

/** Accounts are the original's, not swapped. */
export const reversalMessage = (orders: readonly Ordered[], messageId = newId()): string =>
  document(
    'pacs.007.001.09',
    `<FIToFIPmtRvsl><GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>${now()}</CreDtTm><BtchBookg>false</BtchBookg>
<NbOfTxs>${orders.length}</NbOfTxs><GrpRvsl>false</GrpRvsl><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>${orders
      .map(
        (order) => `<TxInf><RvslId>${order.reference}</RvslId>${names(order.original ?? '')}
<OrgnlIntrBkSttlmAmt Ccy="DZD">${order.amount}</OrgnlIntrBkSttlmAmt>
<RvsdIntrBkSttlmAmt Ccy="DZD">${order.amount}</RvsdIntrBkSttlmAmt>
<OrgnlTxRef><DbtrAcct>${account(order.debtor)}</DbtrAcct><CdtrAcct>${account(order.creditor)}</CdtrAcct></OrgnlTxRef>
${notAfterOf(order)}</TxInf>`,
      )
      .join('')}</FIToFIPmtRvsl>`,
  );

export const inquiryMessage = (references: readonly string[], messageId = newId()): string =>
  document(
    'pacs.028.001.03',
    `<FIToFIPmtStsReq><GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>${now()}</CreDtTm></GrpHdr>${references
      .map((reference) => `<TxInf>${names(reference)}</TxInf>`)
      .join('')}</FIToFIPmtStsReq>`,
  );

export const voidMessage = (references: readonly string[], messageId = newId()): string =>
  document(
    'camt.056.001.08',
    `<FIToFIPmtCxlReq><Assgnmt><Id>${messageId}</Id><Assgnr><Agt>${agent}</Agt></Assgnr><Assgne><Agt>${agent}</Agt></Assgne>
<CreDtTm>${now()}</CreDtTm></Assgnmt><Case><Id>${messageId}</Id><Cretr><Agt>${agent}</Agt></Cretr></Case>
<CtrlData><NbOfTxs>${references.length}</NbOfTxs></CtrlData><Undrlyg>${references
      .map((reference) => `<TxInf>${names(reference)}<CxlRsnInf><Rsn><Cd>TECH</Cd></Rsn></CxlRsnInf></TxInf>`)
      .join('')}</Undrlyg></FIToFIPmtCxlReq>`,
  );

export const accountMessage = (rib: string, messageId = newId()): string =>
  document(
    'acmt.023.001.03',
    `<IdVrfctnReq><Assgnmt><MsgId>${messageId}</MsgId><CreDtTm>${now()}</CreDtTm><Assgnr><Agt>${agent}</Agt></Assgnr>
<Assgne><Agt>${agent}</Agt></Assgne></Assgnmt><Vrfctn><Id>${messageId}</Id>
<PtyAndAcctId><Acct>${account(rib)}</Acct></PtyAndAcctId></Vrfctn></IdVrfctnReq>`,
  );
