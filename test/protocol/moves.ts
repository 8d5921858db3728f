import type { CoreProperties, InquiryOutcome, VoidOutcome } from '../../src/core-banking/port.ts';
import { type NextStep, type SendAnswer, untilResolveBy } from '../../src/debits/doubt.ts';
import { factsAt, isPast, phasesOf, type Rules } from './rules.ts';
import { type Doing, mostSends, type State, worlds } from './state.ts';

/** One thing that may happen next; `fault`: what it breaks. */
export type Move = { words: string; to: State; fault?: string | undefined };

/** All that may happen in a state: to the world, on the wire, in the core, and in either replica. */
export const movesOf = (s: State, core: CoreProperties, rules: Rules): Move[] => [
  ...worldMoves(s, core),
  ...(s.copies > 0 ? arrivals(s, core, rules) : []),
  ...(s.lateVoid ? lateVoid(s) : []),
  ...replicaMoves(s, core, rules, 0),
  ...replicaMoves(s, core, rules, 1),
];

function worldMoves(s: State, core: CoreProperties): Move[] {
  const moves: Move[] = worlds
    .filter((world) => world !== s.world)
    .map((world) => ({ words: `the world: ${lower(world)}`, to: { ...s, world } }));
  const phase = phasesOf(core)[phasesOf(core).indexOf(s.phase) + 1];
  if (phase !== undefined && (phase !== 'PAST_MEMORY' || core.memory !== 'FOR_EVER'))
    moves.push({ words: `time: ${lower(phase)}`, to: { ...s, phase } });
  // By a time that is lost, where it was claimed.
  const mayForget = core.memory !== 'FOR_EVER' && (s.shownMoved || isPast(core, s.phase, 'PAST_MEMORY'));
  if (mayForget && s.core !== 'UNSEEN')
    moves.push({ words: 'the core forgets the reference', to: { ...s, core: 'UNSEEN' } });
  if (s.core === 'REFUSED' && !core.keepsRefusals)
    moves.push({ words: 'the core forgets that it refused', to: { ...s, core: 'UNSEEN' } });
  return moves;
}

/** A copy is lost, or reaches the core, whose answer reaches one that waits, or nobody. */
function arrivals(s: State, core: CoreProperties, rules: Rules): Move[] {
  const rest = { ...s, copies: s.copies - 1 };
  const late = core.honoursNotAfter && s.phase !== 'IN_TIME';
  // The core's clock may be ahead of ours.
  const early = core.honoursNotAfter && s.phase === 'IN_TIME';
  const answered = (words: string, to: State, ...answers: readonly ('MOVED' | 'REFUSED' | 'LATE')[]): Move[] => {
    const fault = to.core === 'MOVED' && s.core !== 'MOVED' ? faultOfMoving(s) : undefined;
    const heardBy = ([0, 1] as const).filter((who) => s.replicas[who] === 'WAITS');
    const heard = answers.flatMap((answer) =>
      heardBy.map((who) => ({
        words: `${words}; P${who + 1} hears`,
        to: doing(to, who, `TOLD_${answer}`),
        fault,
      })),
    );
    return [{ words: `${words}; nobody hears`, to, fault }, ...heard];
  };
  const lost = { words: 'a copy is lost', to: rest };
  switch (s.core) {
    case 'UNSEEN':
      if (late) return [lost, ...answered('the core refuses a late copy', { ...rest, core: 'REFUSED' }, 'REFUSED')];
      return [
        lost,
        ...answered('the core moves the money', { ...rest, core: 'MOVED', moved: true }, 'MOVED'),
        ...answered('the core refuses for funds', { ...rest, core: 'REFUSED' }, 'REFUSED'),
        ...(early ? answered('the core calls a copy late', { ...rest, core: 'REFUSED' }, 'LATE') : []),
      ];
    case 'MOVED':
      return [
        lost,
        ...answered('a copy of what has moved arrives', rest, 'MOVED'),
        ...(rules.duplicate === 'REFUSED' ? answered('a copy is called a duplicate', rest, 'REFUSED') : []),
        // One that looks at the time before the reference calls it late: it is not to be believed.
        ...(late ? answered('the core calls a copy late that it has moved', rest, 'REFUSED') : []),
        ...(early ? answered('the core calls a copy late that it has moved', rest, 'LATE') : []),
      ];
    case 'REFUSED':
      return [lost, ...answered('a copy of what was refused arrives', rest, 'REFUSED')];
    case 'VOIDED':
      return [lost, ...answered('a copy of what was voided arrives', rest, ...(late ? (['REFUSED'] as const) : []))];
  }
}

const faultOfMoving = (s: State): string | undefined =>
  s.moved ? 'moved twice' : s.row === 'REJECTED' ? 'rejected, yet moved' : undefined;

function lateVoid(s: State): Move[] {
  const rest = { ...s, lateVoid: false };
  const lost = { words: 'a void is lost', to: rest };
  return s.core === 'MOVED'
    ? [lost]
    : [lost, { words: 'a late void reaches the core', to: { ...rest, core: 'VOIDED' } }];
}

function replicaMoves(s: State, core: CoreProperties, rules: Rules, who: 0 | 1): Move[] {
  const moves = actions(s, core, rules, who);
  if (s.replicas[who] !== 'IDLE') moves.push({ words: 'is killed', to: doing(s, who, 'IDLE') });
  return moves.map(({ words, to, fault }) => ({ words: `P${who + 1} ${words}`, to, fault }));
}

function actions(s: State, core: CoreProperties, rules: Rules, who: 0 | 1): Move[] {
  const kept = s.refused && rules.refusal === 'KEPT';
  const facts = (world: State['world'] = 'FREE', refused = kept) => factsAt(core, s, { world, refused });
  // What was read when it was taken up: a refusal may have been kept since.
  const inquired = (answer: InquiryOutcome['outcome'], read: State['world'] = 'FREE') =>
    (kept ? [true, false] : [false]).flatMap((refused) =>
      decided(hears(s, answer), core, who, answer, rules.afterInquiry(facts(read, refused), answer), read),
    );
  const voided = (answer: VoidOutcome['outcome']) =>
    decided(hears(s, answer), core, who, `the void's ${answer}`, rules.afterVoid(facts(), answer));
  // That a send's outcome is asked about later is no end of the asking: what is due then is judged by the inquiry.
  const sent = (answer: SendAnswer): Move[] => {
    const step = rules.afterSend(facts(), answer);
    return [
      { words: `decides on the send's ${answer}: ${lower(step)}`, to: doing(hears(s, answer), who, stepDoing[step]) },
    ];
  };
  switch (s.replicas[who]) {
    case 'IDLE':
      if (!isOpen(s)) return [];
      return [{ words: `asks: ${lower(s.core)}`, to: doing(s, who, heard(s)) }, ...inquired('NO_ANSWER', s.world)];
    case 'HEARD_MOVED':
      return inquired('MOVED');
    case 'HEARD_VOIDED':
      return inquired('VOIDED');
    case 'HEARD_REFUSED':
      return inquired('REFUSED');
    case 'HEARD_REFUSED_UNDER_A_STOP':
      return inquired('REFUSED', 'STOPPED');
    case 'HEARD_UNKNOWN':
      return inquired('UNKNOWN');
    case 'HEARD_UNKNOWN_MANDATE_ENDED':
      return inquired('UNKNOWN', 'MANDATE_ENDED');
    case 'HEARD_UNKNOWN_UNDER_A_STOP':
      return inquired('UNKNOWN', 'STOPPED');
    case 'CLAIMS_A_SEND':
      return [claims(s, core, rules, who)];
    case 'SENDS':
      return [{ words: 'sends', to: { ...doing(s, who, 'WAITS'), copies: s.copies + 1 } }];
    case 'WAITS':
      return sent('IN_DOUBT');
    case 'TOLD_MOVED':
      return sent('MOVED');
    case 'TOLD_REFUSED':
      return sent('REFUSED');
    case 'TOLD_LATE':
      return sent('LATE');
    case 'CLAIMS_A_VOID':
      return claimsVoid(s, core, rules, who, untilResolveBy(facts()));
    case 'VOIDS':
      return voids(s, core, who, voided('NO_ANSWER'));
    case 'VOID_SAID_MOVED':
      return voided('MOVED');
    case 'VOID_SAID_VOIDED':
      return voided('VOIDED');
    case 'VOID_SAID_REFUSED':
      return voided('REFUSED');
    case 'SETTLES':
      return [signs(s, who, 'SETTLED', s.moved ? undefined : 'confirmed, not moved')];
    case 'REJECTS':
      return [signs(s, who, 'REJECTED', s.moved ? 'rejected, yet moved' : undefined)];
  }
}

const signs = (s: State, who: 0 | 1, row: 'SETTLED' | 'REJECTED', fault: string | undefined): Move =>
  isOpen(s)
    ? { words: `signs: ${lower(row)}`, to: { ...doing(s, who, 'IDLE'), row }, fault }
    : { words: 'finds it ended', to: doing(s, who, 'IDLE') };

/** The statement that claims one more send: whoever sleeps from here on sends whatever happens meanwhile. */
function claims(s: State, core: CoreProperties, { claim, maySend, refusal }: Rules, who: 0 | 1): Move {
  const refuses =
    (claim.looksAt.has('state') && !isOpen(s)) ||
    (claim.looksAt.has('expiresAt') && s.phase !== 'IN_TIME') ||
    (claim.looksAt.has('mandate') && s.world === 'MANDATE_ENDED') ||
    (claim.looksAt.has('stops') && s.world === 'STOPPED') ||
    (claim.looksAt.has('movements') && s.shownMoved) ||
    (claim.looksAt.has('refusal') && refusal === 'KEPT' && s.refused) ||
    !maySend(core, 1) ||
    s.sends >= mostSends;
  if (refuses) return { words: 'may not send any more', to: doing(s, who, 'IDLE') };
  const to = { ...doing(s, who, 'SENDS'), sends: s.sends + 1 };
  return { words: 'claims one more send', to, fault: faultOfClaim(s) };
}

function faultOfClaim(s: State): string | undefined {
  if (!isOpen(s)) return 'sent after its end';
  if (s.phase !== 'IN_TIME') return 'sent after expiresAt';
  if (s.world === 'MANDATE_ENDED') return 'sent under a mandate that had ended';
  if (s.world === 'STOPPED') return 'sent under a stop';
  return s.refused ? 'sent again, though it was refused' : undefined;
}

/** The statement that claims a void, likewise; under a stop, or where its movement is known, it is only asked about. */
function claimsVoid(s: State, core: CoreProperties, { voidClaim }: Rules, who: 0 | 1, asked: NextStep): Move[] {
  const stopped = s.world === 'STOPPED';
  if (stopped && voidClaim.looksAt.has('stops')) return decided(s, core, who, 'a stop', asked);
  if (s.shownMoved && voidClaim.looksAt.has('movements')) return decided(s, core, who, 'its movement', asked);
  return [{ words: 'claims a void', to: doing(s, who, 'VOIDS'), fault: stopped ? 'voided under a stop' : undefined }];
}

/** A refusal that was heard stays known; where it is believed, that is all the same. */
const hears = (s: State, answer: InquiryOutcome['outcome'] | SendAnswer): State =>
  answer === 'REFUSED' || answer === 'LATE' ? { ...s, refused: true } : s;

/** It is lost, or late, so that nobody hears of it; or it is answered. */
function voids(s: State, core: CoreProperties, who: 0 | 1, unheard: readonly Move[]): Move[] {
  if (!core.canVoid) return [...unheard];
  const late = unheard.map(({ words, to, fault }) => ({
    words: `voids, late: ${words}`,
    to: { ...to, lateVoid: true },
    fault,
  }));
  if (s.core === 'MOVED') return [...unheard, ...late, { words: 'voids: moved', to: doing(s, who, 'VOID_SAID_MOVED') }];
  const refused = { words: 'voids: refused', to: doing(s, who, 'VOID_SAID_REFUSED') };
  return [
    ...unheard,
    ...late,
    { words: 'voids: voided', to: { ...doing(s, who, 'VOID_SAID_VOIDED'), core: 'VOIDED' } },
    ...(s.core === 'REFUSED' ? [refused] : []),
  ];
}

/** What a replica does after its decision; an open debit past `resolveBy` is in people's queue, or it is lost sight of. */
function decided(
  s: State,
  core: CoreProperties,
  who: 0 | 1,
  answer: string,
  step: NextStep,
  read: State['world'] = 'FREE',
): Move[] {
  const next = doing(s, who, stepDoing[step]);
  const to = step === 'PEOPLE' && s.row === 'OPEN' ? ({ ...next, row: 'FOR_PEOPLE' } as const) : next;
  return [{ words: `decides on ${answer}: ${lower(step)}`, to, fault: faultOfStep(s, core, step, read) }];
}

function faultOfStep(s: State, core: CoreProperties, step: NextStep, read: State['world']): string | undefined {
  const pastResolveBy = isPast(core, s.phase, 'PAST_RESOLVE_BY');
  if (step === 'VOID' && read === 'STOPPED') return 'voided under a stop';
  // What the core denies against its own movements is theirs at once.
  if (step === 'PEOPLE' && s.phase === 'IN_TIME' && !s.shownMoved) return 'people are called before its time';
  if (step === 'PEOPLE' && s.phase === 'PAST_MEMORY' && !pastResolveBy)
    return 'people are called before resolveBy, since the bus forgets';
  return step === 'ASK_LATER' && pastResolveBy && s.row === 'OPEN' ? 'past resolveBy, and nobody has it' : undefined;
}

const stepDoing: Record<NextStep, Doing> = {
  SETTLE: 'SETTLES',
  REJECT: 'REJECTS',
  VOID: 'CLAIMS_A_VOID',
  SEND: 'CLAIMS_A_SEND',
  ASK_LATER: 'IDLE',
  PEOPLE: 'IDLE',
};

function heard({ core, world }: State): Doing {
  switch (core) {
    case 'MOVED':
      return 'HEARD_MOVED';
    case 'VOIDED':
      return 'HEARD_VOIDED';
    case 'REFUSED':
      return world === 'STOPPED' ? 'HEARD_REFUSED_UNDER_A_STOP' : 'HEARD_REFUSED';
    case 'UNSEEN':
      if (world === 'STOPPED') return 'HEARD_UNKNOWN_UNDER_A_STOP';
      return world === 'FREE' ? 'HEARD_UNKNOWN' : 'HEARD_UNKNOWN_MANDATE_ENDED';
  }
}

const doing = (s: State, who: 0 | 1, what: Doing): State => ({
  ...s,
  replicas: who === 0 ? [what, s.replicas[1]] : [s.replicas[0], what],
});

export const isOpen = ({ row }: State): boolean => row === 'OPEN' || row === 'FOR_PEOPLE';

const lower = (name: string): string => name.toLowerCase().replaceAll('_', ' ');
