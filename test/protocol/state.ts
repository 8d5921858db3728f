/** What the gateway's database says of the debit; FOR_PEOPLE: open, and in the queue of the back office. */
export const rows = ['OPEN', 'FOR_PEOPLE', 'SETTLED', 'REJECTED'] as const;
/** What the core knows of the reference now. */
export const cores = ['UNSEEN', 'MOVED', 'REFUSED', 'VOIDED'] as const;
/**
 * Time goes on: the request's, people's and the core's limits pass in this order at every bus that start-up takes.
 * PAST_MEMORY is by the core's clock, which is a little ahead of ours.
 */
export const phases = ['IN_TIME', 'EXPIRED', 'PAST_RESOLVE_BY', 'PAST_MEMORY'] as const;
/** What may forbid a send, and end again. */
export const worlds = ['FREE', 'MANDATE_ENDED', 'STOPPED'] as const;
/** What a replica is about to do. Whatever it is, it may sleep first for as long as it likes, or never wake up. */
export const doings = [
  'IDLE',
  'HEARD_MOVED',
  'HEARD_VOIDED',
  'HEARD_REFUSED',
  'HEARD_REFUSED_UNDER_A_STOP',
  'HEARD_UNKNOWN',
  'HEARD_UNKNOWN_MANDATE_ENDED',
  'HEARD_UNKNOWN_UNDER_A_STOP',
  'CLAIMS_A_SEND',
  'SENDS',
  'WAITS',
  'TOLD_MOVED',
  'TOLD_REFUSED',
  'TOLD_LATE',
  'CLAIMS_A_VOID',
  'VOIDS',
  'VOID_SAID_MOVED',
  'VOID_SAID_VOIDED',
  'VOID_SAID_REFUSED',
  'SETTLES',
  'REJECTS',
] as const;

export type Doing = (typeof doings)[number];
export type State = {
  row: (typeof rows)[number];
  core: (typeof cores)[number];
  /** The money has moved, also where the core has forgotten it. */
  moved: boolean;
  /** Copies of the instruction under way. */
  copies: number;
  /** A void under way that nobody waits for any more. */
  lateVoid: boolean;
  phase: (typeof phases)[number];
  world: (typeof worlds)[number];
  /** Sends that were claimed in the database, the first with the intent. */
  sends: number;
  /** The core's refusal was heard, and not believed yet. */
  refused: boolean;
  /** After a restore: the core's own movements show that it has moved. Its request is new, and so are its times. */
  shownMoved: boolean;
  replicas: readonly [Doing, Doing];
};

export const mostSends = 3;

/** The intent is committed, and the first replica is about to send: `reserve` claims the first send with it. */
export const start: State = {
  row: 'OPEN',
  core: 'UNSEEN',
  moved: false,
  copies: 0,
  lateVoid: false,
  phase: 'IN_TIME',
  world: 'FREE',
  sends: 1,
  refused: false,
  shownMoved: false,
  replicas: ['SENDS', 'IDLE'],
};

/** After a restore its creditor has asked again for what had moved: the bus counts its memory from before. */
export const claimedStart: State = {
  ...start,
  core: 'MOVED',
  moved: true,
  shownMoved: true,
  replicas: ['IDLE', 'IDLE'],
};

const sizes = [
  rows.length,
  cores.length,
  2,
  mostSends + 1,
  2,
  phases.length,
  worlds.length,
  mostSends,
  2,
  2,
  doings.length,
];
export const stateCount = sizes.reduce((product, size) => product * size, doings.length);

/** Each state has its number, so that a search over millions of them needs one array. */
export function numberOf(s: State): number {
  const digits = [
    rows.indexOf(s.row),
    cores.indexOf(s.core),
    s.moved ? 1 : 0,
    s.copies,
    s.lateVoid ? 1 : 0,
    phases.indexOf(s.phase),
    worlds.indexOf(s.world),
    s.sends - 1,
    s.refused ? 1 : 0,
    s.shownMoved ? 1 : 0,
    doings.indexOf(s.replicas[0]),
  ];
  const number = digits.reduce((sum, digit, position) => sum * (sizes[position] ?? 1) + digit, 0);
  return number * doings.length + doings.indexOf(s.replicas[1]);
}

export function stateOf(number: number): State {
  let rest = number;
  const digit = (size: number) => {
    const value = rest % size;
    rest = (rest - value) / size;
    return value;
  };
  const named = <Name>(names: readonly Name[]): Name => {
    const name = names[digit(names.length)];
    if (name === undefined) throw new RangeError('no such state');
    return name;
  };
  const second = named(doings);
  const first = named(doings);
  return {
    shownMoved: digit(2) === 1,
    refused: digit(2) === 1,
    sends: digit(mostSends) + 1,
    world: named(worlds),
    phase: named(phases),
    lateVoid: digit(2) === 1,
    copies: digit(mostSends + 1),
    moved: digit(2) === 1,
    core: named(cores),
    row: named(rows),
    replicas: [first, second],
  };
}
