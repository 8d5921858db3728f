import type { CoreReference, CreditorCode } from '../../src/values/ids.ts';

/** What the bus's own books hold under one reference. The accounts of a reversal are those of its posting: swapped. */
export type Book = {
  reference: string;
  kind: 'DEBIT' | 'REVERSAL';
  amount: bigint;
  debtor: string | null;
  creditor: string | null;
  /** What a reversal gives back. */
  original: string | null;
};

/** A debit as the gateway's database has it. */
export type Stored = { creditor: CreditorCode; reference: CoreReference; state: string };

/** A token that anyone was shown or that is stored, and whether the public key set verifies it for the name that it is of. */
export type Proof = {
  says: 'RECEIVED' | 'SETTLED' | 'REJECTED' | 'REVERSED';
  creditor: CreditorCode;
  /** The debit's; of a reversal its own. */
  reference: CoreReference;
  jti: string;
  amount: bigint;
  verified: boolean;
};

/** What the creditor's own system has of a name: what it asked for, and what it was told. */
export type Remembered = {
  creditor: CreditorCode;
  reference: CoreReference;
  /** Those that it was told are paid; where it was told of none, each that it asked for. */
  amounts: readonly bigint[];
  /** The employer's account and its own, as it knows them. */
  debtor: string;
  collection: string;
  declaration: string;
  declared: bigint;
  ends: readonly string[];
  /** Where it was asked back. */
  reversal: { reference: CoreReference; ends: readonly string[] } | undefined;
};

/** What an event says. `reference`: of its debit, or of its reversal; undefined where it is about something else. */
export type Event = {
  sequence: number;
  kind: string;
  reference: CoreReference | undefined;
  tokenJti: string | undefined;
  /** By the public key set, as one for this creditor. */
  verified: boolean;
};

/** One creditor's events: as they stand in the journal, as the feed gave them, as the receiver was pushed them. */
export type Events = {
  creditor: CreditorCode;
  journal: readonly string[];
  feed: readonly (Event & { entry: string })[];
  pushed: readonly (Event & { subject: string })[];
  /** Up to here all was to be pushed; 0 where there is no receiver. */
  pushedThrough: number;
};

export type Sources = {
  books: readonly Book[];
  stored: readonly Stored[];
  proofs: readonly Proof[];
  remembered: readonly Remembered[];
  events: readonly Events[];
  /** Centimes: what the statements say was settled, less what they say was given back. */
  statements: bigint;
  /** Statements whose token does not verify. */
  unprovenStatements: number;
};
