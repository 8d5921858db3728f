import { setTimeout as pause } from 'node:timers/promises';
import { type CoreReference, uuidV7 } from '../../values/ids.ts';
import type { CoreContradiction, CoreProperties } from '../port.ts';
import type { Exchange } from './exchange.ts';
import type { Guard } from './guard.ts';
import type { Instructed } from './lines.ts';
import type { MessageSubject, ReceivedMessage, SentMessage } from './messages.sql.ts';
import { type Difference, otherMessage } from './read-status.ts';
import { type MessageVersions, type ReadMessage, versionOf, type WrittenMessage } from './versions.ts';
import type { Heading } from './write-messages.ts';
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

export type Conversation<Answer> = {
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
export async function converse<Answer>(
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

export function headingOf({ now, versions }: BusParts, message: WrittenMessage): Heading {
  const createdAt = now();
  return { messageId: uuidV7(createdAt).replaceAll('-', ''), createdAt, version: versions.written[message] };
}

const uuidOf = (messageId: string): string => messageId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export const posted = (body: Buffer) => ({ path: '/messages', body });

export const deadline = ({ callSeconds }: BusParts): AbortSignal => AbortSignal.timeout(callSeconds * 1000);

/** The answer's document, where it is of the message that was to come, in a version that is read. */
export function documentOf(
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
