import type { Queryable } from '../../database/queryable.ts';
import type { CoreReference } from '../../values/ids.ts';
import type { MessageStore } from './adapter.ts';
import type { InstructionSent } from './lines.ts';
import { insertReceivedMessage, insertSentMessage, selectInstructionsSent } from './messages.sql.ts';

/** What the gateway's own rows say of references, where no message about them is kept: a restored database has lost it. */
export type InstructionsHeld = (
  db: Queryable,
  references: readonly CoreReference[],
) => Promise<ReadonlyMap<CoreReference, InstructionSent>>;

/** The messages, kept in the gateway's own database. */
export const keptMessages = (db: Queryable, instructionsHeld: InstructionsHeld): MessageStore => ({
  keepSent: (sent) => insertSentMessage(db, sent),
  keepReceived: (received) => insertReceivedMessage(db, received),
  async instructionsSent(references) {
    const sent = await selectInstructionsSent(db, references);
    const unsent = references.filter((reference) => !sent.has(reference));
    if (unsent.length === 0) return sent;
    const held = await instructionsHeld(db, unsent);
    return new Map([...sent, ...[...held].map(([reference, one]) => [reference, [one]] as const)]);
  },
});
