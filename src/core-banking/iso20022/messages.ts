import type pg from 'pg';
import { batched } from '../../database/batched.ts';
import { inTransaction } from '../../database/pool.ts';
import type { Queryable } from '../../database/queryable.ts';
import type { CoreReference } from '../../values/ids.ts';
import type { CoreContradiction } from '../port.ts';
import type { MessageStore } from './adapter.ts';
import type { InstructionSent } from './lines.ts';
import {
  insertReceivedMessage,
  insertSentMessage,
  type ReceivedMessage,
  selectInstructionsSent,
} from './messages.sql.ts';

/** What the messages are about, of which this knows their references alone. */
export type MessageSubjects = {
  /** What the gateway's own rows say, where no message about them is kept: a restored database has lost it. */
  instructionsHeld: (
    db: Queryable,
    references: readonly CoreReference[],
  ) => Promise<ReadonlyMap<CoreReference, InstructionSent>>;
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
      const sent = await selectInstructionsSent(pool, references);
      const unsent = references.filter((reference) => !sent.has(reference));
      if (unsent.length === 0) return sent;
      const held = await instructionsHeld(pool, unsent);
      return new Map([...sent, ...[...held].map(([reference, one]) => [reference, [one]] as const)]);
    },
  };
}
