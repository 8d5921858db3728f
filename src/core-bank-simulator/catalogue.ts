import { reasonCodes } from '../values/reasons.ts';
import { type Behaviour, type MessageName, messages, otherFields, statementEntries } from './behaviour.ts';

/** What a behaviour is told, as JSON Schema, beside its name. */
type Parameters = Record<string, object>;

type Described<Name extends Behaviour['do'] = Behaviour['do']> = {
  /** EXCHANGE: the whole message. TRANSACTION: one of its transactions. STATEMENT: a page of a day. */
  of: 'EXCHANGE' | 'TRANSACTION' | 'STATEMENT';
  /** With which messages it can be played: a rule is not used up by others. */
  messages: readonly MessageName[];
  does: string;
  required: Parameters;
  optional?: Parameters;
  example: Extract<Behaviour, { do: Name }>;
};

const instructions: readonly MessageName[] = ['pacs.003', 'pacs.007'];
const reported: readonly MessageName[] = [...instructions, 'pacs.028'];
const inMessages: readonly MessageName[] = [...reported, 'camt.056', 'acmt.023'];
const inLines: readonly MessageName[] = [...reported, 'camt.056'];

const processed = { type: 'boolean' };
const milliseconds = { type: 'integer', minimum: 0, maximum: 3_600_000 };
const reason = { enum: reasonCodes };
const code = { type: 'string', pattern: '^[A-Z0-9]{1,4}$' };
const second = { enum: ['same', 'contrary'] };

/** Every behaviour: what the admin API takes, what its page shows, and what the tests play, one after the other. */
export const catalogue: { [Name in Behaviour['do']]: Described<Name> } = {
  delay: {
    of: 'EXCHANGE',
    messages,
    does: 'Waits, and only then does and answers what was asked: past the time limit, money moves that was given up.',
    required: { ms: milliseconds },
    example: { do: 'delay', ms: 6000 },
  },
  'answer-late': {
    of: 'EXCHANGE',
    messages,
    does: 'Does at once what was asked (or refuses it, with `refuses`), and answers only after the wait.',
    required: { ms: milliseconds },
    optional: { refuses: reason },
    example: { do: 'answer-late', ms: 6000 },
  },
  'never-answer': {
    of: 'EXCHANGE',
    messages,
    does: 'Keeps the connection open and says nothing, until the other side gives up.',
    required: { processed },
    example: { do: 'never-answer', processed: true },
  },
  reset: {
    of: 'EXCHANGE',
    messages,
    does: 'Resets the connection (TCP RST), before or after doing what was asked.',
    required: { processed },
    example: { do: 'reset', processed: true },
  },
  cut: {
    of: 'EXCHANGE',
    messages,
    does: 'Ends the connection in mid-answer: after the status line and headers, or after half of the body.',
    required: { processed, at: { enum: ['headers', 'body'] } },
    example: { do: 'cut', processed: true, at: 'body' },
  },
  fail: {
    of: 'EXCHANGE',
    messages,
    does: 'Answers an empty 4xx or 5xx, before or after doing what was asked.',
    required: { processed, status: { type: 'integer', minimum: 400, maximum: 599 } },
    example: { do: 'fail', processed: true, status: 500 },
  },
  'answer-garbage': {
    of: 'EXCHANGE',
    messages,
    does:
      'Answers 200 with what is no answer: no XML, another message, a document with a DTD and an entity bomb, one of ' +
      '5 MiB, or nothing.',
    required: { processed, garbage: { enum: ['not-xml', 'other-message', 'dtd', 'too-large', 'empty'] } },
    example: { do: 'answer-garbage', processed: true, garbage: 'dtd' },
  },
  'answer-other-message-id': {
    of: 'EXCHANGE',
    messages: inMessages,
    does: 'Answers as if it were to another message: OrgnlMsgId, of a void the case, of an account the verification.',
    required: {},
    example: { do: 'answer-other-message-id' },
  },
  'group-status': {
    of: 'EXCHANGE',
    messages: reported,
    does: 'Gives a pacs.002 this GrpSts, whatever its transactions say.',
    required: { status: code },
    example: { do: 'group-status', status: 'RJCT' },
  },
  'answer-twice-on-connection': {
    of: 'EXCHANGE',
    messages,
    does:
      'Sends a second HTTP response behind the first on the same connection, which nobody asked for: a client that ' +
      'keeps the connection could take it for the answer to its next request. `contrary`: each outcome in it is turned round.',
    required: { second },
    example: { do: 'answer-twice-on-connection', second: 'same' },
  },
  refuse: {
    of: 'TRANSACTION',
    messages: instructions,
    does: 'Refuses with the reason. It is a true refusal: in the books, and kept as the kind of bus keeps refusals.',
    required: { reason },
    example: { do: 'refuse', reason: 'AC06' },
  },
  'answer-status': {
    of: 'TRANSACTION',
    messages: inLines,
    does:
      'Answers a pacs.002 or camt.029 with this status, without booking data. A pacs.002 has `reason`, `moreReasons` and ' +
      '`proprietary` beside it.',
    required: { processed, status: code },
    optional: {
      reason: code,
      moreReasons: { type: 'array', items: code, maxItems: 5 },
      proprietary: { type: 'string', minLength: 1, maxLength: 35 },
    },
    example: { do: 'answer-status', processed: true, status: 'PDNG' },
  },
  'duplicate-reference': {
    of: 'TRANSACTION',
    messages: reported,
    does: 'Says that the reference is a duplicate (AM05, DUPL, DU01 to DU05), after moving the money or without.',
    required: { processed, reason: { enum: ['AM05', 'DUPL', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05'] } },
    example: { do: 'duplicate-reference', processed: true, reason: 'AM05' },
  },
  'leave-out': {
    of: 'TRANSACTION',
    messages: inLines,
    does: 'Leaves the transaction out of the answer.',
    required: { processed },
    example: { do: 'leave-out', processed: true },
  },
  'answer-twice': {
    of: 'TRANSACTION',
    messages: inLines,
    does: 'Puts two lines for the transaction into the answer: the same, or the second with the contrary outcome.',
    required: { second },
    example: { do: 'answer-twice', second: 'contrary' },
  },
  'answer-other': {
    of: 'TRANSACTION',
    messages: inMessages,
    does:
      'Does what was asked and lies about it: another amount, currency, account, reference (both names of it), ' +
      'end-to-end id (one of them), booking reference, time (the year before) or date (the year after). Without ' +
      '`value`, one that is near the truth.',
    required: { field: { enum: otherFields } },
    optional: { value: { type: 'string', minLength: 1, maxLength: 35 } },
    example: { do: 'answer-other', field: 'amount', value: '1.00' },
  },
  'says-refused': {
    of: 'TRANSACTION',
    messages: instructions,
    does: 'Says refused, and moves the money after so many milliseconds all the same (null: the refusal is not even kept).',
    required: { reason, movesAfterMs: { ...milliseconds, type: ['integer', 'null'] } },
    example: { do: 'says-refused', reason: 'AM04', movesAfterMs: 200 },
  },
  'says-moved': {
    of: 'TRANSACTION',
    messages: instructions,
    does: 'Says that the money moved, with a booking reference that is in no book, and does nothing.',
    required: {},
    example: { do: 'says-moved' },
  },
  'cannot-void': {
    of: 'TRANSACTION',
    messages: ['camt.056'],
    does: 'Answers a camt.056 with RJCR and plants no tombstone.',
    required: {},
    example: { do: 'cannot-void' },
  },
  'says-voided': {
    of: 'TRANSACTION',
    messages: ['camt.056'],
    does: 'Answers a camt.056 with ACCR and plants no tombstone: an instruction that comes later moves the money.',
    required: {},
    example: { do: 'says-voided' },
  },
  'statement-entry': {
    of: 'STATEMENT',
    messages: ['camt.053'],
    does:
      'A day with an entry too many (one that is in no book, or one twice), too few, or with another amount: the first ' +
      'of the day, or that of `reference`. `summary` adapted: the totals agree with the lie.',
    required: {
      entry: { enum: statementEntries },
      summary: { enum: ['adapted', 'true'] },
    },
    optional: { reference: { type: 'string', pattern: '^[A-Z2-7]{32}$' } },
    example: { do: 'statement-entry', entry: 'missing', summary: 'adapted' },
  },
};

/** A rule as PUT /behaviours/{name} takes it. */
export const ruleSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['behaviour'],
  properties: {
    when: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        message: { enum: messages },
        reference: { type: 'string', pattern: '^[A-Z2-7]{32}$' },
        rib: { type: 'string', pattern: '^[0-9]{20}$' },
        day: { type: 'string', format: 'date' },
      },
    },
    times: { type: 'integer', minimum: 1 },
    probability: { type: 'number', minimum: 0, maximum: 1 },
    behaviour: {
      type: 'object',
      required: ['do'],
      discriminator: { propertyName: 'do' },
      oneOf: Object.entries(catalogue).map(([name, { required, optional = {} }]) => ({
        additionalProperties: false,
        required: ['do', ...Object.keys(required)],
        properties: { do: { const: name }, ...required, ...optional },
      })),
    },
  },
};
