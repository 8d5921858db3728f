/**
 * Which kind of bus is simulated: what its bank promises, and what the simulator does, no more and no less. The adapter
 * under test is told the same. `memorySeconds`: how long after an instruction's notAfter its reference is known; null
 * for ever.
 */
export type BusKind = {
  memorySeconds: number | null;
  keepsRefusals: boolean;
  honoursNotAfter: boolean;
  canVoid: boolean;
};

/** The bank that promises everything, as the embedded ledger does. */
export const bestKind: BusKind = { memorySeconds: null, keepsRefusals: true, honoursNotAfter: true, canVoid: true };

export const kindSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['memorySeconds', 'keepsRefusals', 'honoursNotAfter', 'canVoid'],
  properties: {
    memorySeconds: { type: ['number', 'null'], minimum: 0, maximum: 1e9 },
    keepsRefusals: { type: 'boolean' },
    honoursNotAfter: { type: 'boolean' },
    canVoid: { type: 'boolean' },
  },
} as const;

/** What each property does here: for the page that documents the simulator. */
export const kindMeanings: Record<keyof BusKind, string> = {
  memorySeconds:
    'null: a reference is known for ever. A number: that many seconds after its notAfter, or after it was decided where ' +
    'that was later, it is as unseen: an inquiry says NOOR, a void is accepted, and an instruction is taken anew. If ' +
    'that one moves, money has moved twice, and the books show both. Where notAfter is honoured it is refused with ' +
    'TM01 instead, although the first one moved: such a refusal says nothing.',
  keepsRefusals:
    'false: a refusal is forgotten as soon as it is answered: an inquiry says NOOR, a copy of the instruction is decided anew ' +
    'and may move, a void is accepted.',
  honoursNotAfter: 'false: an instruction is executed however late it comes.',
  canVoid: 'false: every camt.056 is answered with RJCR, and no tombstone is planted.',
};
