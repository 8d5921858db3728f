import type { Queryable } from '../../database/queryable.ts';
import { centimesFromDatabase } from '../../values/centimes.ts';
import { type CoreReference, type DebitId, parseCoreReference } from '../../values/ids.ts';
import { parseRib, type Rib } from '../../values/rib.ts';
import type { CoreDifference } from '../port.ts';
import type { Exchange } from './exchange.ts';
import type { InstructionKept, InstructionSent } from './lines.ts';
import type { Difference } from './read-status.ts';

/** What a message is about: with its instruction where it moves money. */
export type MessageSubject = { reference: CoreReference; instruction: InstructionSent | undefined };

export type SentMessage = {
  /** A UUIDv7. */
  messageId: string;
  type: string;
  body: Buffer;
  subjects: readonly MessageSubject[];
};

/** Keeps a message before it is sent, with what it is about. */
export async function insertSentMessage(
  db: Queryable,
  { messageId, type, body, subjects }: SentMessage,
): Promise<void> {
  await db.query({
    name: 'insert-sent-message',
    text: `
      with sent as (
        insert into core_messages (message_id, direction, type, body) values ($1::uuid, 'SENT', $2, $3)
        returning message_id
      )
      insert into core_message_references (message_id, reference, amount, debtor, creditor)
      select message_id, item.* from sent,
             unnest($4::text[], $5::bigint[], $6::text[], $7::text[]) as item (reference, amount, debtor, creditor)`,
    values: [
      messageId,
      type,
      body,
      subjects.map(({ reference }) => reference),
      subjects.map(({ instruction }) => instruction?.amount ?? null),
      subjects.map(({ instruction }) => instruction?.debtor ?? null),
      subjects.map(({ instruction }) => instruction?.creditor ?? null),
    ],
  });
}

export type ReceivedMessage = {
  messageId: string;
  answers: string;
  /** Undefined where what came can't be read. */
  type: string | undefined;
  outcome: Exchange['outcome'] | 'UNREADABLE';
  httpStatus: number | undefined;
  body: Buffer | undefined;
  differences: readonly Difference[];
};

/** Keeps what came of a message, with what of it contradicts the instruction. Nothing where it is kept already. */
export async function insertReceivedMessage(db: Queryable, received: ReceivedMessage): Promise<void> {
  await db.query({
    name: 'insert-received-message',
    text: `
      with received as (
        insert into core_messages (message_id, direction, answers, type, outcome, http_status, body)
        values ($1::uuid, 'RECEIVED', $2::uuid, $3, $4, $5::integer, $6)
        on conflict (message_id) do nothing returning message_id
      )
      insert into core_message_differences (message_id, reference, difference)
      select message_id, item.* from received, unnest($7::text[], $8::text[]) as item (reference, difference)
      on conflict do nothing`,
    values: [
      received.messageId,
      received.answers,
      received.type ?? null,
      received.outcome,
      received.httpStatus ?? null,
      received.body ?? null,
      received.differences.map(({ reference }) => reference),
      received.differences.map(({ difference }) => difference),
    ],
  });
}

/** What was ever sent under each reference to move money, in the order in which it was sent. */
export async function selectInstructionsSent(
  db: Queryable,
  references: readonly CoreReference[],
): Promise<ReadonlyMap<CoreReference, readonly InstructionKept[]>> {
  const { rows } = await db.query<{
    reference: string;
    amount: string;
    debtor: string;
    creditor: string;
    of_reversal: boolean;
  }>({
    name: 'select-instructions-sent',
    text: `
      select reference, amount, debtor, creditor, bool_or(type like 'pacs.007.%') as of_reversal
        from core_message_references join core_messages using (message_id)
       where reference = any ($1::text[]) and amount is not null
       group by reference, amount, debtor, creditor order by max(message_id::text)`,
    values: [references],
  });
  const found = new Map<CoreReference, InstructionKept[]>();
  for (const row of rows) {
    const [reference, debtor, creditor] = [parseCoreReference(row.reference), ribOf(row.debtor), ribOf(row.creditor)];
    if (reference === undefined) continue;
    const sent = { amount: centimesFromDatabase(row.amount), debtor, creditor, ofReversal: row.of_reversal };
    found.set(reference, [...(found.get(reference) ?? []), sent]);
  }
  return found;
}

function ribOf(text: string): Rib {
  const rib = parseRib(text);
  if (rib === undefined) throw new Error('a RIB with a wrong key among the messages');
  return rib;
}

/** A message as it stands beside its debit, without its bytes. */
export type MessageKept = {
  messageId: string;
  direction: 'SENT' | 'RECEIVED';
  type: string | undefined;
  exchangedAt: Date;
  outcome: ReceivedMessage['outcome'] | undefined;
  httpStatus: number | undefined;
  hasBody: boolean;
  differences: readonly CoreDifference[];
};

/** The references of a debit: its own and those of its reversals. And the messages that are about any of them. */
const messagesOfDebit = `
  with about as (
    select core_reference as reference from debits where debit_id = $1
     union all select core_reference from reversals where debit_id = $1
  ), sent as (
    select distinct message_id from core_message_references join about using (reference)
  ), exchanged as (
    -- Apart, since one condition for both would read every message there is.
    select m.* from core_messages m join sent using (message_id)
     union all select m.* from core_messages m join sent on m.answers = sent.message_id
  )`;

/** What was exchanged about a debit and its reversals, the last first; `before` is the last of the page before. */
export async function selectMessagesOf(
  db: Queryable,
  debitId: DebitId,
  { before, limit }: { before?: MessageKept['messageId'] | undefined; limit: number },
): Promise<MessageKept[]> {
  const { rows } = await db.query<{
    message_id: string;
    direction: MessageKept['direction'];
    type: string | null;
    exchanged_at: Date;
    outcome: ReceivedMessage['outcome'] | null;
    http_status: number | null;
    has_body: boolean;
    differences: CoreDifference[];
  }>({
    name: 'select-messages-of',
    text: `${messagesOfDebit}
      select message_id, direction, type, exchanged_at, outcome, http_status, body is not null as has_body,
             array(select difference from core_message_differences d join about using (reference)
                    where d.message_id = exchanged.message_id order by 1) as differences
        from exchanged
       where $2::uuid is null
          or (exchanged_at, message_id) < ((select exchanged_at from core_messages where message_id = $2), $2)
       order by exchanged_at desc, message_id desc limit $3`,
    values: [debitId, before ?? null, limit],
  });
  return rows.map((row) => ({
    messageId: row.message_id,
    direction: row.direction,
    type: row.type ?? undefined,
    exchangedAt: row.exchanged_at,
    outcome: row.outcome ?? undefined,
    httpStatus: row.http_status ?? undefined,
    hasBody: row.has_body,
    differences: row.differences,
  }));
}

/** The bytes of one of a debit's messages. They may be about others' debits too: of whoever it is shown to, that is asked. */
export async function selectMessageBody(
  db: Queryable,
  debitId: DebitId,
  messageId: string,
): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ body: Buffer | null }>({
    name: 'select-message-body',
    text: `${messagesOfDebit} select body from exchanged where message_id::text = $2`,
    values: [debitId, messageId],
  });
  return rows[0]?.body ?? undefined;
}
