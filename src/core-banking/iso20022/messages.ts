import type { Queryable } from '../../database/queryable.ts';
import type { MessageStore } from './adapter.ts';
import { insertReceivedMessage, insertSentMessage, selectInstructionsSent } from './messages.sql.ts';

/** The messages, kept in the gateway's own database. */
export const keptMessages = (db: Queryable): MessageStore => ({
  keepSent: (sent) => insertSentMessage(db, sent),
  keepReceived: (received) => insertReceivedMessage(db, received),
  instructionsSent: (references) => selectInstructionsSent(db, references),
});
