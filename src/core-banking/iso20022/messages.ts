import type pg from 'pg';
import { batched } from '../../database/batched.ts';
import { inTransaction } from '../../database/pool.ts';
import type { Queryable } from '../../database/queryable.ts';
import type { CoreReference } from '../../values/ids.ts';
import type { CoreContradiction } from '../port.ts';
import type { MessageStore } from './converse.ts';
import type { InstructionKept } from './lines.ts';
import {
  insertReceivedMessage,
  insertSentMessage,
  type ReceivedMessage,
  selectInstructionsSent,
} from './messages.sql.ts';

/** What the messages are about, of which this knows their references alone. */
export type MessageSubjects = {
  /** What the gateway's own rows say: where no message is kept, since a restored database has lost it, the instruction too. */
  instructionsHeld: (
    db: Queryable,
    references: readonly CoreReference[],
  ) => Promise<ReadonlyMap<CoreReference, InstructionKept & { notBefore: Date }>>;
  /** Makes a contradiction of what an answer says against its instruction. */
  quarantine: (db: Queryable, contradiction: CoreContradiction) => Promise<void>;
};

/** The messages, kept in the gateway's own database. */
export function keptMessages(pool: pg.Pool, { instructionsHeld, quarantine }: MessageSubjects): MessageStore {
  // One transaction, since nobody would miss a contradiction that is not there. Run again after a deadlock.
  const keepContradicting = batched(
    (answers: readonly ReceivedMessage[]) =>
      Promise.all(
        answers.map((received) =>
          inTransaction(pool, async (db) => {
            await insertReceivedMessage(db, received);
            for (const difference of received.differences)
              await quarantine(db, { ...difference, messageId: received.messageId });
          }),
        ),
      ),
    { most: 1 },
  );
  return {
    keepSent: (sent) => insertSentMessage(pool, sent),
    keepReceived: (received) =>
      received.differences.length === 0 ? insertReceivedMessage(pool, received) : keepContradicting(received),
    async instructionsSent(references) {
      const [sent, held] = await Promise.all([
        selectInstructionsSent(pool, references),
        instructionsHeld(pool, references),
      ]);
      return new Map(
        references.map((reference) => {
          const row = held.get(reference);
          const instructions = sent.get(reference) ?? (row ? [row] : []);
          const ofReversal = instructions.some((one) => one.ofReversal);
          return [reference, { instructions, notBefore: row?.notBefore, ofReversal }];
        }),
      );
    },
  };
}
