import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { BookRow } from '../src/core-bank-simulator/administration.ts';
import type { Rule } from '../src/core-bank-simulator/behaviour.ts';
import type { SimulatorSettings } from '../src/core-bank-simulator/open.ts';
import { openSchemas, schemaFolder } from '../src/core-bank-simulator/schemas.ts';
import { childrenOf, only, textAt, type XmlElement } from '../src/core-banking/iso20022/xml.ts';
import { type BusClient, type BusResponse, openBusClient } from './bus-client.ts';
import type { Ordered } from './bus-messages.ts';
import { missingSchemas } from './iso-schemas.ts';
import { ribOf } from './ledger-bank.ts';
import { mustNotSkip } from './programs.ts';
import { openTestSimulator, type TestSimulator } from './simulator-bank.ts';

/** A line of any answer, as text; what is not there is left out. */
export type Line = Record<string, string>;
export type Heard = {
  lines: Line[];
  toMessage?: Line;
  groupStatus?: string;
  caseId?: string;
  confirmation?: string;
  account?: Line;
};

/** A simulator, a client of it, and the hands to set it up. */
export type BusScene = AsyncDisposable & {
  simulator: TestSimulator;
  client: BusClient;
  clientOf: (certificate: string) => Promise<BusClient>;
  /** An account with 100.00 on it that is to pay that amount to a creditor's, both new. */
  order: (amount: string) => Promise<Ordered>;
  reference: () => string;
  unusedRib: () => string;
  tell: (rule: Rule) => void;
  /** Sends it, holds the answer to its schema, and reads it. */
  ask: (xml: string) => Promise<Heard>;
  books: () => Promise<BookRow[]>;
  balanceOf: (rib: string) => Promise<string | undefined>;
  fund: (rib: string, amount: string) => Promise<unknown>;
  setStatus: (rib: string, status: 'OPEN' | 'BLOCKED' | 'CLOSED') => Promise<void>;
};

const answers = ['pacs.002.001.10', 'camt.029.001.09', 'acmt.024.001.03', 'camt.053.001.08'];

export async function openBus({
  connections = 1,
  ...settings
}: { connections?: number } & Partial<
  Pick<SimulatorSettings, 'kind' | 'seed' | 'entriesAPage'>
> = {}): Promise<BusScene> {
  await using open = new AsyncDisposableStack();
  const simulator = open.use(await openTestSimulator(settings));
  const { administration, busUrl, certificates } = simulator;
  const client = open.use(await openBusClient(busUrl, certificates, { connections }));
  const schemas = open.use(await openSchemas(schemaFolder, answers));
  let opened = 0;
  let told = 0;
  const unusedRib = () => {
    opened += 1;
    return ribOf(opened);
  };
  const closing = open.move();
  return {
    ...{ simulator, client, unusedRib, reference: newReference },
    clientOf: (name) => openBusClient(busUrl, certificates, { name }),
    async order(amount) {
      const [debtor, creditor] = [unusedRib(), unusedRib()];
      await administration.openAccounts([
        { rib: debtor, holder: 'Debtor', kind: 'CUSTOMER', openingBalance: '100.00' },
        { rib: creditor, holder: 'Creditor', kind: 'COLLECTION', openingBalance: '0.00' },
      ]);
      return { reference: newReference(), debtor, creditor, amount };
    },
    tell(rule) {
      told += 1;
      administration.putRule(`rule-${told}`, rule);
    },
    async ask(xml) {
      const response = await client.send(xml);
      expect(response.status).toBe(200);
      expectValid(schemas.faultsOf(versionOf(response), response.body));
      return heard(response.document.root);
    },
    books: () => Array.fromAsync(administration.books()),
    balanceOf: async (rib) => (await administration.account(rib))?.balance,
    fund: (rib, amount) => administration.fund(rib, { reference: newReference().slice(0, 20), amount }),
    setStatus: administration.setStatus,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Where there are no schemas nothing can be said of it; CI has them. */
export function expectValid(faults: string[] | 'UNKNOWN'): void {
  if (missingSchemas === undefined || mustNotSkip) expect(faults, missingSchemas).toEqual([]);
}

export const versionOf = ({ document }: BusResponse): string => document.namespace.replace(/^.*:/, '');

const newReference = (): string =>
  [...randomBytes(32)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte % 32)).join('');

export function heard(root: XmlElement): Heard {
  const report = only(root, 'FIToFIPmtStsRpt');
  if (report !== undefined) {
    const group = only(report, 'OrgnlGrpInfAndSts');
    return {
      lines: childrenOf(report, 'TxInfAndSts').map(statusLine),
      toMessage: told({ id: textAt(group, 'OrgnlMsgId'), name: textAt(group, 'OrgnlMsgNmId') }),
      ...told({ groupStatus: textAt(group, 'GrpSts') }),
    };
  }
  const resolution = only(root, 'RsltnOfInvstgtn');
  if (resolution !== undefined) {
    return {
      lines: childrenOf(only(resolution, 'CxlDtls'), 'TxInfAndSts').map((line) =>
        told({ ...namesOf(line), status: textAt(line, 'TxCxlSts') }),
      ),
      ...told({ caseId: textAt(resolution, 'RslvdCase', 'Id'), confirmation: textAt(resolution, 'Sts', 'Conf') }),
    };
  }
  const account = only(root, 'IdVrfctnRpt', 'Rpt');
  return {
    lines: [],
    account: told({
      rib: textAt(account, 'OrgnlPtyAndAcctId', 'Acct', 'Id', 'Othr', 'Id'),
      verified: textAt(account, 'Vrfctn'),
      reason: textAt(account, 'Rsn', 'Cd'),
      holder: textAt(account, 'UpdtdPtyAndAcctId', 'Pty', 'Nm'),
    }),
  };
}

function statusLine(line: XmlElement): Line {
  const original = only(line, 'OrgnlTxRef');
  return told({
    ...namesOf(line),
    status: textAt(line, 'TxSts'),
    reason: textAt(line, 'StsRsnInf', 'Rsn', 'Cd'),
    executedAt: textAt(line, 'AccptncDtTm'),
    bookingDate: textAt(line, 'FctvIntrBkSttlmDt', 'Dt'),
    bookingReference: textAt(line, 'AcctSvcrRef'),
    valueDate: textAt(original, 'IntrBkSttlmDt'),
    amount: textAt(original, 'IntrBkSttlmAmt'),
    currency: only(original, 'IntrBkSttlmAmt')?.attributes.get('Ccy'),
    debtor: textAt(original, 'DbtrAcct', 'Id', 'Othr', 'Id'),
    creditor: textAt(original, 'CdtrAcct', 'Id', 'Othr', 'Id'),
  });
}

const namesOf = (line: XmlElement) => ({
  transactionId: textAt(line, 'OrgnlTxId'),
  endToEndId: textAt(line, 'OrgnlEndToEndId'),
});

function told(values: Record<string, string | undefined>): Line {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
