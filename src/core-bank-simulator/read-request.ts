import { childrenOf, only, type ReadDocument, textAt, type XmlElement } from '../core-banking/iso20022/xml.ts';
import { type Centimes, currency, parseAmount } from '../values/centimes.ts';
import { parseInstant } from '../values/dates.ts';
import { type CoreReference, parseCoreReference } from '../values/ids.ts';
import { parseRib, type Rib } from '../values/rib.ts';

/** One transaction to be booked, with its accounts as they are instructed: a reversal names the original's, not swapped. */
export type Instruction = {
  reference: CoreReference;
  debtor: Rib;
  creditor: Rib;
  amount: Centimes;
  /** Null where the message says none. */
  notAfter: Date | null;
  /** Of a reversal only: the debit that it gives back. */
  original: CoreReference | null;
};

export type Envelope = { messageId: string; version: string };

export type BusRequest = Envelope &
  (
    | { message: 'pacs.003' | 'pacs.007'; instructions: Instruction[] }
    | { message: 'pacs.028'; references: CoreReference[] }
    | { message: 'camt.056'; caseId: string; references: CoreReference[] }
    | { message: 'acmt.023'; createdAt: string; verificationId: string; rib: Rib }
  );

const mostTransactions = 500;

const extension = '{urn:cnas-debit-gateway:core-banking:1}NotAfter';

/** Reads one message by the bus's own understanding of docs/CORE-BANKING-BUS.md. Throws with the fault in words. */
export function readRequest({ namespace, root }: ReadDocument): BusRequest {
  const version = namespace.replace('urn:iso:std:iso:20022:tech:xsd:', '');
  const message = version.slice(0, 8);
  if (root.name !== 'Document') wrong('the root is no Document');
  switch (message) {
    case 'pacs.003': {
      const body = required(root, 'FIToFICstmrDrctDbt');
      const transactions = counted(childrenOf(body, 'DrctDbtTxInf'), textOf(body, 'GrpHdr', 'NbOfTxs'));
      const instructions = distinct(transactions.map(debitOf), ({ reference }) => reference);
      return { message, version, messageId: messageIdOf(body, 'GrpHdr', 'MsgId'), instructions };
    }
    case 'pacs.007': {
      const body = required(root, 'FIToFIPmtRvsl');
      const transactions = counted(childrenOf(body, 'TxInf'), textOf(body, 'GrpHdr', 'NbOfTxs'));
      const instructions = distinct(transactions.map(reversalOf), ({ reference }) => reference);
      return { message, version, messageId: messageIdOf(body, 'GrpHdr', 'MsgId'), instructions };
    }
    case 'pacs.028': {
      const body = required(root, 'FIToFIPmtStsReq');
      const references = referencesOf(childrenOf(body, 'TxInf'));
      return { message, version, messageId: messageIdOf(body, 'GrpHdr', 'MsgId'), references };
    }
    case 'camt.056': {
      const body = required(root, 'FIToFIPmtCxlReq');
      const transactions = childrenOf(required(body, 'Undrlyg'), 'TxInf');
      const references = referencesOf(counted(transactions, textOf(body, 'CtrlData', 'NbOfTxs')));
      const caseId = textOf(body, 'Case', 'Id');
      return { message, version, messageId: messageIdOf(body, 'Assgnmt', 'Id'), caseId, references };
    }
    case 'acmt.023': {
      const body = required(root, 'IdVrfctnReq');
      const verification = required(body, 'Vrfctn');
      return {
        ...{ message, version, messageId: messageIdOf(body, 'Assgnmt', 'MsgId') },
        createdAt: textOf(body, 'Assgnmt', 'CreDtTm'),
        verificationId: textOf(verification, 'Id'),
        rib: ribOf(required(verification, 'PtyAndAcctId', 'Acct')),
      };
    }
    default:
      return wrong(`${version} is not taken here`);
  }
}

function debitOf(transaction: XmlElement): Instruction {
  return {
    reference: referenceOf(required(transaction, 'PmtId'), 'TxId', 'EndToEndId'),
    debtor: ribOf(required(transaction, 'DbtrAcct')),
    creditor: ribOf(required(transaction, 'CdtrAcct')),
    amount: amountOf(required(transaction, 'IntrBkSttlmAmt')),
    notAfter: notAfterOf(transaction),
    original: null,
  };
}

function reversalOf(transaction: XmlElement): Instruction {
  const amount = amountOf(required(transaction, 'RvsdIntrBkSttlmAmt'));
  if (amount !== amountOf(required(transaction, 'OrgnlIntrBkSttlmAmt'))) wrong('a reversal of a part');
  return {
    reference: parseCoreReference(textOf(transaction, 'RvslId')) ?? wrong('RvslId is no reference'),
    debtor: ribOf(required(transaction, 'OrgnlTxRef', 'DbtrAcct')),
    creditor: ribOf(required(transaction, 'OrgnlTxRef', 'CdtrAcct')),
    amount,
    notAfter: notAfterOf(transaction),
    original: referenceOf(transaction, 'OrgnlTxId', 'OrgnlEndToEndId'),
  };
}

const referencesOf = (transactions: readonly XmlElement[]): CoreReference[] => {
  if (transactions.length === 0 || transactions.length > mostTransactions) wrong(`${transactions.length} transactions`);
  const references = transactions.map((one) => referenceOf(one, 'OrgnlTxId', 'OrgnlEndToEndId'));
  return distinct(references, (reference) => reference);
};

/** The reference stands there twice: what differs is nobody's reference. */
function referenceOf(element: XmlElement, transactionId: string, endToEndId: string): CoreReference {
  const text = textOf(element, transactionId);
  if (text !== textOf(element, endToEndId)) wrong(`${transactionId} and ${endToEndId} differ`);
  return parseCoreReference(text) ?? wrong(`${transactionId} is no reference`);
}

function ribOf(account: XmlElement): Rib {
  if (textOf(account, 'Id', 'Othr', 'SchmeNm', 'Prtry') !== 'RIB') wrong('an account that is no RIB');
  return parseRib(textOf(account, 'Id', 'Othr', 'Id')) ?? wrong('a RIB with a wrong key');
}

function amountOf(element: XmlElement): Centimes {
  if (element.attributes.get('Ccy') !== currency) wrong(`an amount that is not in ${currency}`);
  return parseAmount(element.text.trim()) ?? wrong('an amount that is none');
}

function notAfterOf(transaction: XmlElement): Date | null {
  const own = childrenOf(transaction, 'SplmtryData').filter((data) => textAt(data, 'PlcAndNm') === 'NotAfter');
  const [data] = own;
  if (data === undefined) return null;
  if (own.length > 1) wrong('NotAfter twice');
  return parseInstant(textOf(data, 'Envlp', extension)) ?? wrong('NotAfter is no instant');
}

const messageIdOf = (body: XmlElement, ...path: string[]): string => {
  const text = textOf(body, ...path);
  return /^[0-9a-f]{32}$/.test(text) ? text : wrong(`${path.join('/')} is no message id`);
};

function counted(transactions: readonly XmlElement[], told: string): readonly XmlElement[] {
  if (transactions.length !== Number(told)) wrong(`${transactions.length} transactions, said to be ${told}`);
  if (transactions.length === 0 || transactions.length > mostTransactions) wrong(`${transactions.length} transactions`);
  return transactions;
}

function distinct<Item>(items: Item[], nameOf: (item: Item) => string): Item[] {
  return new Set(items.map(nameOf)).size === items.length ? items : wrong('one reference twice in a message');
}

const required = (element: XmlElement, ...path: string[]): XmlElement =>
  only(element, ...path) ?? wrong(`${element.name}/${path.join('/')} is missing, or stands there twice`);

const textOf = (element: XmlElement, ...path: string[]): string =>
  textAt(element, ...path) ?? wrong(`${element.name}/${path.join('/')} is missing, or stands there twice`);

/** Never with a value: the fault is shown to whoever looks after the simulator. */
function wrong(fault: string): never {
  throw new RequestFault(fault);
}

export class RequestFault extends Error {}
