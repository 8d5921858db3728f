import type { ReasonCode } from '../values/reasons.ts';

/** What the bus can be asked, by the message's name in ISO 20022; camt.053 is a page of a day's statement. */
export const messages = ['pacs.003', 'pacs.007', 'pacs.028', 'camt.056', 'acmt.023', 'camt.053'] as const;
export type MessageName = (typeof messages)[number];

/**
 * How the bus misbehaves with a whole exchange, whichever of its transactions it was told for. `processed`: whether what
 * the message asks was done before (false: it is as if it had never come).
 */
export type ExchangeBehaviour =
  | { do: 'delay'; ms: number }
  | { do: 'answer-late'; ms: number; refuses?: ReasonCode }
  | { do: 'never-answer'; processed: boolean }
  | { do: 'reset'; processed: boolean }
  | { do: 'cut'; processed: boolean; at: 'headers' | 'body' }
  | { do: 'fail'; processed: boolean; status: number }
  | { do: 'answer-garbage'; processed: boolean; garbage: 'not-xml' | 'other-message' | 'dtd' | 'too-large' | 'empty' }
  | { do: 'answer-other-message-id' }
  | { do: 'group-status'; status: string }
  | { do: 'answer-twice-on-connection'; second: 'same' | 'contrary' };

/** How it misbehaves with one transaction, the others of its message being served as they should be. */
export type TransactionBehaviour =
  | { do: 'refuse'; reason: ReasonCode }
  | {
      do: 'answer-status';
      status: string;
      processed: boolean;
      reason?: string;
      /** Beside that one: of a pacs.002, which may have many. */
      moreReasons?: string[];
      /** A reason in the bank's own words, `Rsn/Prtry`. */
      proprietary?: string;
    }
  | { do: 'duplicate-reference'; reason: string; processed: boolean }
  | { do: 'leave-out'; processed: boolean }
  | { do: 'answer-twice'; second: 'same' | 'contrary' }
  | { do: 'answer-other'; field: OtherField; value?: string }
  | { do: 'says-refused'; reason: ReasonCode; movesAfterMs: number | null }
  | { do: 'says-moved' }
  | { do: 'cannot-void' }
  | { do: 'says-voided' };

export const otherFields = [
  'amount',
  'currency',
  'debtor',
  'creditor',
  'reference',
  'endToEndId',
  'bookingReference',
  'executedAt',
  'bookingDate',
  'valueDate',
] as const;
export type OtherField = (typeof otherFields)[number];

export const statementEntries = ['extra', 'missing', 'twice', 'other-amount'] as const;

/** How a day's statement lies. `summary` adapted: its totals are those of the lie, so that only the books tell. */
export type StatementBehaviour = {
  do: 'statement-entry';
  entry: (typeof statementEntries)[number];
  summary: 'adapted' | 'true';
  /** Which entry; the day's first where none is named. */
  reference?: string;
};

export type Behaviour = ExchangeBehaviour | TransactionBehaviour | StatementBehaviour;

/** When: all that is named must be so. */
export type Condition = {
  message?: MessageName;
  reference?: string;
  /** Either account's, also of a reference that is only asked about. */
  rib?: string;
  day?: string;
};

export type Rule = {
  when: Condition;
  /** For the next so many; always where it is not said. */
  times?: number;
  /** 0 to 1, drawn from the seed, the rule's name and what it is about: the same run draws the same. */
  probability?: number;
  behaviour: Behaviour;
};
