import { type CoreReference, parseCoreReference } from '../values/ids.ts';

/**
 * How the ledger calls a reference: itself, or with the generation behind it ("-2") where the bus had forgotten it and
 * took it anew. The database makes it (`simulator.ledger_name`); the ledger takes it as any reference of its own.
 */
export function parseLedgerName(text: string): CoreReference {
  if (!/^[A-Z2-7]{32}(-[1-9]\d?)?$/.test(text)) throw new Error('not a name of the ledger');
  return text as CoreReference;
}

/** The reference that the bus was told, of any generation. */
export function referenceOf(ledgerName: string): CoreReference {
  const reference = parseCoreReference(ledgerName.slice(0, 32));
  if (reference === undefined) throw new Error('not a name of the ledger');
  return reference;
}
