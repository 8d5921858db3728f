import { type Behaviour, type OtherField, otherFields } from '../src/core-bank-simulator/behaviour.ts';
import type { CoreDifference } from '../src/core-banking/port.ts';
import type { DifferenceKind } from '../src/statements/books.ts';

/** What the bus is asked about a transfer: the debit, its reversal, the question after either, and the void. */
export const lieMessages = ['pacs.003', 'pacs.007', 'pacs.028', 'camt.056'] as const;
export type LieMessage = (typeof lieMessages)[number];

/** MOVED, REFUSED, VOIDED: it is believed. SILENCE: it says nothing. Else it contradicts, and is quarantined as that. */
export type Taken = 'MOVED' | 'REFUSED' | 'VOIDED' | 'SILENCE' | CoreDifference;

export type Lie = {
  message: LieMessage;
  behaviour: Behaviour;
  taken: Taken;
  /** How it ends when the bus tells the truth again, where that is not what the message asked for. */
  ends?: 'REJECTED';
  /** The answer names another message: silence that is counted. */
  stray?: true;
  /** Believed, and false: nothing but the books of the day can tell, and this is what they tell. */
  books?: DifferenceKind;
};

const silences: readonly Behaviour[] = [
  { do: 'delay', ms: 1500 },
  { do: 'answer-late', ms: 1500 },
  { do: 'never-answer', processed: false },
  { do: 'reset', processed: false },
  { do: 'cut', processed: true, at: 'body' },
  { do: 'fail', processed: true, status: 500 },
  { do: 'answer-garbage', processed: true, garbage: 'other-message' },
  { do: 'leave-out', processed: true },
  { do: 'answer-status', processed: true, status: 'PDNG' },
];

/** Of the debit itself both: done before it was not said, and not done. */
const moreOfDebits: readonly Behaviour[] = [
  { do: 'never-answer', processed: true },
  { do: 'reset', processed: true },
  { do: 'cut', processed: false, at: 'headers' },
  { do: 'fail', processed: false, status: 400 },
  { do: 'leave-out', processed: false },
  { do: 'answer-status', processed: false, status: 'ACSC' },
  { do: 'answer-garbage', processed: true, garbage: 'dtd' },
];

const whatDiffers: { [Field in OtherField]: CoreDifference | undefined } = {
  amount: 'OTHER_AMOUNT',
  currency: 'OTHER_CURRENCY',
  debtor: 'OTHER_ACCOUNT',
  creditor: 'OTHER_ACCOUNT',
  reference: 'OTHER_REFERENCE',
  endToEndId: 'OTHER_REFERENCE',
  // The bus's own name for its booking: there is nothing to hold it against.
  bookingReference: undefined,
  executedAt: 'OTHER_TIME',
  bookingDate: 'OTHER_TIME',
  valueDate: 'OTHER_TIME',
};

const done = (message: LieMessage) => (message === 'camt.056' ? 'VOIDED' : 'MOVED');

/** What any of the four answers may lie about. */
const ofEach = (message: LieMessage): Lie[] => [
  ...silences.map((behaviour): Lie => ({ message, behaviour, taken: 'SILENCE' })),
  { message, behaviour: { do: 'answer-other-message-id' }, taken: 'SILENCE', stray: true },
  ...(['same', 'contrary'] as const).flatMap((second): Lie[] => [
    // The second answer is nobody's: neither this one's, nor the next message's.
    { message, behaviour: { do: 'answer-twice-on-connection', second }, taken: done(message) },
    {
      message,
      behaviour: { do: 'answer-twice', second },
      taken: second === 'same' ? done(message) : 'OTHER_OUTCOME',
    },
  ]),
];

/** What a pacs.002 may lie about: of a debit, of a reversal, of what was asked of either. */
const ofReports = (message: LieMessage): Lie[] => [
  { message, behaviour: { do: 'group-status', status: 'RJCT' }, taken: 'OTHER_OUTCOME' },
  { message, behaviour: { do: 'duplicate-reference', processed: true, reason: 'AM05' }, taken: 'SILENCE' },
  { message, behaviour: { do: 'duplicate-reference', processed: false, reason: 'DUPL' }, taken: 'SILENCE' },
  ...otherFields.map((field): Lie => {
    const differs = whatDiffers[field];
    const told = { message, behaviour: { do: 'answer-other', field } } as const;
    return differs === undefined ? { ...told, taken: 'MOVED', books: 'OTHER_BOOKING' } : { ...told, taken: differs };
  }),
  {
    message,
    behaviour: { do: 'answer-status', processed: true, status: 'RJCT', reason: 'AC04' },
    ...{ taken: 'REFUSED', books: 'NOT_SETTLED_HERE' },
  },
];

/** What the answer to an instruction may lie about. */
const ofInstructions = (message: LieMessage): Lie[] => [
  { message, behaviour: { do: 'answer-late', ms: 1500, refuses: 'AC06' }, taken: 'SILENCE', ends: 'REJECTED' },
  { message, behaviour: { do: 'refuse', reason: 'AC04' }, taken: 'REFUSED' },
  { message, behaviour: { do: 'says-refused', reason: 'AC04', movesAfterMs: null }, taken: 'REFUSED' },
  {
    message,
    behaviour: { do: 'says-refused', reason: 'AC04', movesAfterMs: 50 },
    ...{ taken: 'REFUSED', books: 'NOT_SETTLED_HERE' },
  },
  { message, behaviour: { do: 'says-moved' }, taken: 'MOVED', books: 'NOT_BOOKED' },
];

/** What only the one message's answer may lie about. */
const ofOne: Record<LieMessage, readonly Omit<Lie, 'message'>[]> = {
  'pacs.003': moreOfDebits.map((behaviour) => ({ behaviour, taken: 'SILENCE' })),
  'pacs.007': [],
  'pacs.028': [
    {
      behaviour: { do: 'answer-status', processed: true, status: 'CANC' },
      ...{ taken: 'VOIDED', books: 'NOT_SETTLED_HERE' },
    },
  ],
  'camt.056': [
    { behaviour: { do: 'answer-other', field: 'reference' }, taken: 'OTHER_REFERENCE' },
    { behaviour: { do: 'answer-other', field: 'endToEndId' }, taken: 'OTHER_REFERENCE' },
    { behaviour: { do: 'cannot-void' }, taken: 'SILENCE' },
    // The instruction that was to be voided was only late: it moves the money after its rejection was signed.
    { behaviour: { do: 'says-voided' }, taken: 'VOIDED', books: 'NOT_SETTLED_HERE' },
  ],
};

/** Each way in which the bus says what is not so, or nothing, and what the gateway makes of it. */
export const lies: readonly Lie[] = lieMessages.flatMap((message) => [
  ...ofEach(message),
  ...(message === 'camt.056' ? [] : ofReports(message)),
  ...(message === 'pacs.003' || message === 'pacs.007' ? ofInstructions(message) : []),
  ...ofOne[message].map((lie): Lie => ({ message, ...lie })),
]);

/** "pacs.003 answer-other, field amount". */
export const nameOf = ({ message, behaviour: { do: what, ...told } }: Lie): string =>
  [`${message} ${what}`, ...Object.entries(told).map((one) => one.join(' '))].join(', ');
