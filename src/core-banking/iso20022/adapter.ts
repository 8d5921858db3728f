import { setTimeout as pause } from 'node:timers/promises';
import type { Day } from '../../values/dates.ts';
import { type CoreReference, uuidV7 } from '../../values/ids.ts';
import type {
  CoreBanking,
  CoreContradiction,
  CoreProperties,
  DebitInstruction,
  InquiryOutcome,
  Movement,
  MoveOutcome,
  VoidOutcome,
} from '../port.ts';
import type { Exchange } from './exchange.ts';
import type { Guard } from './guard.ts';
import type { Asked, Instructed } from './lines.ts';
import type { MessageSubject, ReceivedMessage, SentMessage } from './messages.sql.ts';
import { judgeAccountReport } from './read-account.ts';
import { isWhole, readStatementPage } from './read-statement.ts';
import { type Difference, judgeStatusReport, otherMessage, type Said } from './read-status.ts';
import { judgeResolution } from './read-voids.ts';
import { chunksOf, roundsOf } from './rounds.ts';
import { type MessageVersions, type ReadMessage, versionOf, type WrittenMessage } from './versions.ts';
import {
  type Heading,
  writeAccountLookUp,
  writeDebits,
  writeInquiry,
  writeReversals,
  writeVoids,
} from './write-messages.ts';
import { readDocument, type XmlElement } from './xml.ts';

export type BusParts = {
  bus: Pick<Guard, 'exchange'>;
  properties: CoreProperties;
  versions: MessageVersions;
  /** The longest call, with everything that it asks on the way. */
  callSeconds: number;
  answerBytes: number;
  /** The most of a day's statement that is read. */
  statementBounds: { entries: number; seconds: number };
  /** The bank's own code, three digits, where a message is about no account. */
  bankCode: string;
  now: () => Date;
  messages: MessageStore;
  /** Told of each contradiction before it is kept: the alarm is raised whether or not it can be. */
  onQuarantined: (difference: CoreContradiction['difference']) => void;
  /** Told of each answer that was to another message than the one that was sent: silence too. */
  onOtherMessage: (answered: ReadMessage) => void;
  /** Told of each fault that was turned into silence. */
  onFault: (fault: unknown) => void;
};

/** Where each message about a debit is kept. */
export type MessageStore = {
  keepSent: (sent: SentMessage) => Promise<void>;
  /** With the contradictions of its debits, all or nothing; again is harmless. */
  keepReceived: (received: ReceivedMessage) => Promise<void>;
  /** Where nothing is kept, what the rows say: nothing that has a row is held against nothing. */
  instructionsSent: (references: readonly CoreReference[]) => Promise<ReadonlyMap<CoreReference, Instructed>>;
};

/** The bank's own bus, spoken to in ISO 20022 over HTTPS (docs/CORE-BANKING-BUS.md). */
export function iso20022CoreBanking(parts: BusParts): CoreBanking {
  const inquire = (references: readonly CoreReference[], until: AbortSignal) => inquireAll(parts, references, until);
  return {
    properties: parts.properties,
    debit: (instructions) => moveAll(parts, 'pacs.003', instructions, writeDebits),
    reverse: (instructions) => moveAll(parts, 'pacs.007', instructions, writeReversals),
    inquire: async (references) => {
      const outcomes = await inquire(references, deadline(parts));
      return references.map((reference) => outcomes.get(reference) ?? noAnswer);
    },
    void: async (references) => {
      const until = deadline(parts);
      const outcomes = await voidAll(parts, references, until, inquire);
      return references.map((reference) => outcomes.get(reference) ?? noAnswer);
    },
    async lookUpAccount(rib) {
      const heading = headingOf(parts, 'acmt.023');
      const exchange = await parts.bus.exchange(posted(writeAccountLookUp(heading, rib)), deadline(parts));
      const read = documentOf(parts, exchange, 'acmt.024');
      const judged = read === undefined ? unreachable : judgeAccountReport(read.root, heading.messageId, rib);
      if (judged.outcome === 'UNREACHABLE' && exchange.outcome === 'ANSWERED') exchange.giveUp();
      return judged;
    },
    movements: (day) => readStatement(parts, day),
  };
}

/**
 * A day of a million movements passes, in pages of a thousand within minutes. Past these a bus is no longer telling of
 * a day, and would be followed until the memory is full.
 */
export const statementBounds = { entries: 2_000_000, seconds: 1800 };

/** Page after page until the bus says that it was the last. Rejects where the day is not told whole. */
async function readStatement(parts: BusParts, day: Day): Promise<Movement[]> {
  const { entries, seconds } = parts.statementBounds;
  const end = AbortSignal.timeout(seconds * 1000);
  const movements: Movement[] = [];
  for (let page = 1; ; page += 1) {
    const path = `/statements/${day}?page=${page}`;
    const exchange = await parts.bus.exchange({ path, body: undefined }, AbortSignal.any([end, deadline(parts)]));
    const read = documentOf(parts, exchange, 'camt.053');
    const statement = read && readStatementPage(read.root, day, page);
    if (statement === undefined) throw new Error(`page ${page} of the bus's statement: ${exchange.outcome}`);
    for (const movement of statement.movements) movements.push(movement);
    if (statement.last) {
      if (!isWhole(movements, statement.totals)) throw new Error("the bus's statement is not what it counts");
      return movements;
    }
    // Each page but the last has something, so that pages end with the entries.
    if (statement.movements.length === 0)
      throw new Error(`page ${page} of the bus's statement is empty, and not the last`);
    if (movements.length > entries) throw new Error(`the bus's statement has more than ${entries} entries`);
  }
}

const nothingKnown: Instructed = { instructions: [], notBefore: undefined, ofReversal: false };
const unreachable = { outcome: 'UNREACHABLE' } as const;
const noAnswer = { outcome: 'NO_ANSWER' } as const;
const inDoubt = { outcome: 'IN_DOUBT' } as const;

/** Sends each instruction once, those of one message together, and never again by itself. */
async function moveAll<Instruction extends DebitInstruction>(
  parts: BusParts,
  message: 'pacs.003' | 'pacs.007',
  instructions: readonly Instruction[],
  write: (heading: Heading, instructions: readonly Instruction[]) => Buffer,
): Promise<MoveOutcome[]> {
  const until = deadline(parts);
  const outcomes = new Map<Instruction, MoveOutcome>();
  for (const round of roundsOf(instructions)) {
    const asked = round.map(({ first }) => {
      const { reference, notBefore } = first;
      return { reference, instructions: [first], notBefore, ofReversal: message === 'pacs.007' };
    });
    const said = await converse(parts, {
      message,
      answer: 'pacs.002',
      write: (heading) =>
        write(
          heading,
          round.map(({ first }) => first),
        ),
      subjects: asked.map(({ reference, instructions: [instruction] }) => ({ reference, instruction })),
      judge: (root, messageId) => judgeStatusReport(root, messageId, asked, parts.now()),
      until,
    });
    for (const [position, { same }] of round.entries())
      for (const instruction of same) outcomes.set(instruction, moveOutcomeOf(said?.[position]));
  }
  return instructions.map((instruction) => outcomes.get(instruction) ?? inDoubt);
}

/** A void, and a reference that the bus does not know, are no answer to an instruction that it was just sent. */
function moveOutcomeOf(said: Said | undefined): MoveOutcome {
  switch (said?.meaning) {
    case 'MOVED':
      return { outcome: 'MOVED', booking: said.booking };
    case 'REFUSED':
      return { outcome: 'REFUSED', reason: said.reason };
    case 'VOIDED':
    case 'UNKNOWN':
    case 'SILENT':
    case undefined:
      return inDoubt;
  }
}

async function inquireAll(
  parts: BusParts,
  references: readonly CoreReference[],
  until: AbortSignal,
): Promise<Map<CoreReference, InquiryOutcome>> {
  const outcomes = new Map<CoreReference, InquiryOutcome>();
  for (const chunk of chunksOf(references)) {
    const asked = await askedOf(parts, chunk);
    if (asked === undefined) continue;
    const said = await converse(parts, {
      message: 'pacs.028',
      answer: 'pacs.002',
      write: (heading) => writeInquiry(heading, chunk),
      subjects: chunk.map((reference) => ({ reference, instruction: undefined })),
      judge: (root, messageId) => judgeStatusReport(root, messageId, asked, parts.now()),
      until,
    });
    for (const [position, reference] of chunk.entries()) outcomes.set(reference, inquiryOutcomeOf(said?.[position]));
  }
  return outcomes;
}

function inquiryOutcomeOf(said: Said | undefined): InquiryOutcome {
  switch (said?.meaning) {
    case 'MOVED':
      return { outcome: 'MOVED', booking: said.booking };
    case 'REFUSED':
      return { outcome: 'REFUSED', reason: said.reason };
    case 'VOIDED':
      return { outcome: 'VOIDED' };
    case 'UNKNOWN':
      return { outcome: 'UNKNOWN' };
    case 'SILENT':
    case undefined:
      return noAnswer;
  }
}

/** What the answers will be held against. Undefined where that can't be read: then nothing is asked. */
async function askedOf(parts: BusParts, references: readonly CoreReference[]): Promise<Asked[] | undefined> {
  try {
    const sent = await parts.messages.instructionsSent(references);
    return references.map((reference) => ({ reference, ...(sent.get(reference) ?? nothingKnown) }));
  } catch (fault) {
    parts.onFault(fault);
    return undefined;
  }
}

async function voidAll(
  parts: BusParts,
  references: readonly CoreReference[],
  until: AbortSignal,
  inquire: (references: readonly CoreReference[], until: AbortSignal) => Promise<Map<CoreReference, InquiryOutcome>>,
): Promise<Map<CoreReference, VoidOutcome>> {
  const outcomes = new Map<CoreReference, VoidOutcome>();
  const unsaid: CoreReference[] = [];
  for (const chunk of chunksOf(references)) {
    const said = await converse(parts, {
      message: 'camt.056',
      answer: 'camt.029',
      write: (heading) => writeVoids(heading, chunk, parts.bankCode),
      subjects: chunk.map((reference) => ({ reference, instruction: undefined })),
      judge: (root, messageId) => judgeResolution(root, messageId, chunk),
      until,
    });
    for (const [position, reference] of chunk.entries()) {
      if (said?.[position] === 'VOIDED') outcomes.set(reference, { outcome: 'VOIDED' });
      if (said?.[position] === 'NOT_VOIDED') unsaid.push(reference);
    }
  }
  // camt.029 has no place for what stands in a void's way: the inquiry tells it.
  for (const [reference, found] of await inquire(unsaid, until))
    if (found.outcome !== 'UNKNOWN') outcomes.set(reference, found);
  return outcomes;
}

type Conversation<Answer> = {
  message: WrittenMessage;
  answer: ReadMessage;
  write: (heading: Heading) => Buffer;
  subjects: readonly MessageSubject[];
  judge: (
    root: XmlElement,
    messageId: string,
  ) => { said: readonly Answer[]; differences: readonly Difference[] } | typeof otherMessage | undefined;
  until: AbortSignal;
};

/**
 * One message and its answer, both kept: the message before it is sent, the answer before it is believed. What can't
 * be kept is not sent, or not believed. Undefined is silence.
 */
async function converse<Answer>(
  parts: BusParts,
  { message, answer, write, subjects, judge, until }: Conversation<Answer>,
): Promise<readonly Answer[] | undefined> {
  const heading = headingOf(parts, message);
  const answers = uuidOf(heading.messageId);
  try {
    const body = write(heading);
    await parts.messages.keepSent({ messageId: answers, type: heading.version, body, subjects });
    const exchange = await parts.bus.exchange(posted(body), until);
    const read = documentOf(parts, exchange, answer);
    const outcome = read && judge(read.root, heading.messageId);
    const judged = outcome === otherMessage ? undefined : outcome;
    if (outcome === otherMessage) parts.onOtherMessage(answer);
    // Its answer may still come, and must not be read as the next message's.
    if (judged === undefined && exchange.outcome === 'ANSWERED') exchange.giveUp();
    const differences = judged?.differences ?? [];
    for (const { difference } of differences) parts.onQuarantined(difference);
    const received = {
      ...{ messageId: uuidV7(parts.now()), answers, differences, type: read?.version },
      ...exchange,
      outcome: exchange.outcome === 'ANSWERED' && judged === undefined ? ('UNREADABLE' as const) : exchange.outcome,
    };
    try {
      await parts.messages.keepReceived(received);
    } catch (fault) {
      if (differences.length > 0) void keepLater(parts, received);
      throw fault;
    }
    return judged?.said;
  } catch (fault) {
    parts.onFault(fault);
    return undefined;
  }
}

/**
 * The answer is silence and is asked for again; what it contradicts may never be met again. So it is tried until it is
 * kept, for a quarter of an hour: longer than a database takes to start again.
 */
async function keepLater(parts: BusParts, received: ReceivedMessage): Promise<void> {
  for (let time = 0; time < 100; time += 1) {
    await pause(Math.min(100 * 2 ** time, 10_000), undefined, { ref: false });
    try {
      return await parts.messages.keepReceived(received);
    } catch (fault) {
      parts.onFault(fault);
    }
  }
}

function headingOf({ now, versions }: BusParts, message: WrittenMessage): Heading {
  const createdAt = now();
  return { messageId: uuidV7(createdAt).replaceAll('-', ''), createdAt, version: versions.written[message] };
}

const uuidOf = (messageId: string): string => messageId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const posted = (body: Buffer) => ({ path: '/messages', body });

const deadline = ({ callSeconds }: BusParts): AbortSignal => AbortSignal.timeout(callSeconds * 1000);

/** The answer's document, where it is of the message that was to come, in a version that is read. */
function documentOf(
  { versions, answerBytes }: BusParts,
  exchange: Exchange,
  message: ReadMessage,
): { root: XmlElement; version: string } | undefined {
  if (exchange.outcome !== 'ANSWERED') return undefined;
  const document = readDocument(exchange.body, answerBytes);
  const version = document && versionOf(document.namespace);
  if (document?.root.name !== 'Document' || version === undefined) return undefined;
  return versions.read[message].includes(version) ? { root: document.root, version } : undefined;
}
