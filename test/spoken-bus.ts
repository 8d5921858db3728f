import { instructionOf } from '../src/core-banking/contract-bank.ts';
import { iso20022CoreBanking } from '../src/core-banking/iso20022/adapter.ts';
import type { MessageStore } from '../src/core-banking/iso20022/converse.ts';
import { openBusConnection } from '../src/core-banking/iso20022/exchange.ts';
import { type GuardSettings, guarded } from '../src/core-banking/iso20022/guard.ts';
import { keptMessages } from '../src/core-banking/iso20022/messages.ts';
import { parseVersions, standardVersions } from '../src/core-banking/iso20022/versions.ts';
import type { CoreBanking, CoreContradiction } from '../src/core-banking/port.ts';
import { booked } from './bus-answers.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { ribOf } from './ledger-bank.ts';
import { type Answering, type MisbehavingBus, openMisbehavingBus } from './misbehaving-bus.ts';

/** The adapter before a bus that answers as the test says, with what it kept, quarantined and told of. */
export type Spoken = AsyncDisposable & {
  port: CoreBanking;
  bus: MisbehavingBus;
  db: TestDatabase;
  quarantined: CoreContradiction[];
  counted: CoreContradiction['difference'][];
  faults: unknown[];
  otherMessages: string[];
  rows: (text: string) => Promise<unknown[]>;
};

type Wish = {
  guard?: Partial<GuardSettings>;
  callSeconds?: number;
  answerBytes?: number;
  statementBounds?: { entries: number; seconds: number };
  messagesIn?: (db: TestDatabase, quarantined: CoreContradiction[]) => MessageStore;
};

export async function speakTo(answer: Answering, wish: Wish = {}): Promise<Spoken> {
  const [bus, db] = await Promise.all([openMisbehavingBus(), freshDatabase()]);
  bus.answer = answer;
  const answerBytes = wish.answerBytes ?? 100_000;
  const connection = await openBusConnection({ origin: bus.origin, files: bus.files, connections: 8, answerBytes });
  const versions = parseVersions(standardVersions.written, standardVersions.read);
  if (typeof versions === 'string') throw new Error(versions);
  const quarantined: CoreContradiction[] = [];
  const counted: CoreContradiction['difference'][] = [];
  const faults: unknown[] = [];
  const otherMessages: string[] = [];
  const port = iso20022CoreBanking({
    bus: guarded(connection, { underWay: 8, failures: 1000, pauseSeconds: 60, ...wish.guard }),
    properties: { memory: 'FOR_EVER', keepsRefusals: true, honoursNotAfter: true, canVoid: true },
    versions,
    callSeconds: wish.callSeconds ?? 5,
    answerBytes,
    statementBounds: wish.statementBounds ?? { entries: 10, seconds: 30 },
    bankCode: '005',
    now: () => new Date(),
    messages:
      wish.messagesIn?.(db, quarantined) ??
      keptMessages(db.gateway, {
        instructionsHeld: async () => new Map(),
        quarantine: async (_, one) => void quarantined.push(one),
      }),
    onQuarantined: (difference) => counted.push(difference),
    onOtherMessage: (answered) => otherMessages.push(answered),
    onFault: (fault) => faults.push(fault),
  });
  return {
    ...{ port, bus, db, quarantined, counted, faults, otherMessages },
    rows: async (text) => (await db.owner.query(text)).rows,
    async [Symbol.asyncDispose]() {
      connection.close();
      await Promise.all([bus[Symbol.asyncDispose](), db[Symbol.asyncDispose]()]);
    },
  };
}

/** One debit, as the bus answers it where it moves, and where nothing is known. */
export const instruction = instructionOf(ribOf(1), ribOf(2), '125000.00', booked.executedAt);
export const moved = [{ outcome: 'MOVED', booking: { ...booked, amount: 12500000n } }];
export const inDoubt = [{ outcome: 'IN_DOUBT' }];
