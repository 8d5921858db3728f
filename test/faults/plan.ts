import { type Behaviour, type StatementBehaviour, statementEntries } from '../../src/core-bank-simulator/behaviour.ts';
import { type KillPoint, killPoints } from '../kill/points.ts';
import type { Random } from '../kill/random.ts';

/** The bus's statement of the day has an entry too many, too few or of another amount: played when the day is over. */
export type StatementFault = { fault: 'statement'; entry: StatementBehaviour['entry'] };

/** What is played while the debits flow. */
export type FlowFault =
  | { fault: 'kill'; at: KillPoint | 'random' }
  | { fault: 'stop-and-wake' }
  | { fault: 'postgres-restart' }
  | { fault: 'postgres-crash' }
  | { fault: 'postgres-cut-answers' }
  | { fault: 'disk-full' }
  | { fault: 'disk-full-crash' }
  | { fault: 'redis-emptied' }
  | { fault: 'redis-restart' }
  | { fault: 'receiver-away' }
  | { fault: 'clock-moved' }
  | { fault: 'deployment' }
  | { fault: 'bus'; name: string; of: Instructed; behaviour: Behaviour };

/** What the bus is instructed to do, or asked about, when it misbehaves. */
export type Instructed = 'debit' | 'reversal';

/** What the run does to the gateway and to what it stands on; each is played in turn, then at random. */
export type Fault = FlowFault | StatementFault;

/** The bus's ways to misbehave that break no promise of its kind: each must end without a hand. */
const busFaults: readonly { name: string; behaviour: Behaviour }[] = [
  { name: 'delay', behaviour: { do: 'delay', ms: 400 } },
  { name: 'delay-past-the-limit', behaviour: { do: 'delay', ms: 2500 } },
  { name: 'answer-late', behaviour: { do: 'answer-late', ms: 2500 } },
  { name: 'never-answer-moved', behaviour: { do: 'never-answer', processed: true } },
  { name: 'never-answer-unseen', behaviour: { do: 'never-answer', processed: false } },
  { name: 'reset-before', behaviour: { do: 'reset', processed: false } },
  { name: 'reset-after', behaviour: { do: 'reset', processed: true } },
  { name: 'cut-in-headers', behaviour: { do: 'cut', processed: true, at: 'headers' } },
  { name: 'cut-in-body', behaviour: { do: 'cut', processed: true, at: 'body' } },
  { name: 'fail-before', behaviour: { do: 'fail', processed: false, status: 500 } },
  { name: 'fail-after', behaviour: { do: 'fail', processed: true, status: 500 } },
  { name: 'garbage', behaviour: { do: 'answer-garbage', processed: true, garbage: 'not-xml' } },
  { name: 'answer-twice', behaviour: { do: 'answer-twice', second: 'same' } },
  { name: 'answer-twice-contrary', behaviour: { do: 'answer-twice', second: 'contrary' } },
  { name: 'answer-twice-on-connection', behaviour: { do: 'answer-twice-on-connection', second: 'contrary' } },
  { name: 'refuse', behaviour: { do: 'refuse', reason: 'AC06' } },
  { name: 'duplicate-moved', behaviour: { do: 'duplicate-reference', processed: true, reason: 'AM05' } },
  { name: 'duplicate-unseen', behaviour: { do: 'duplicate-reference', processed: false, reason: 'DUPL' } },
  { name: 'pending', behaviour: { do: 'answer-status', processed: true, status: 'PDNG' } },
  { name: 'left-out', behaviour: { do: 'leave-out', processed: true } },
  { name: 'cannot-void', behaviour: { do: 'cannot-void' } },
  { name: 'other-amount', behaviour: { do: 'answer-other', field: 'amount' } },
  { name: 'other-reference', behaviour: { do: 'answer-other', field: 'reference' } },
  { name: 'other-account', behaviour: { do: 'answer-other', field: 'debtor' } },
  { name: 'other-currency', behaviour: { do: 'answer-other', field: 'currency' } },
];

const others = [
  'stop-and-wake',
  'postgres-restart',
  'postgres-crash',
  'postgres-cut-answers',
  'disk-full',
  'disk-full-crash',
  'redis-emptied',
  'redis-restart',
  'receiver-away',
  'clock-moved',
  'deployment',
] as const;

/** One of each, but for the statements. */
const everyFault: readonly FlowFault[] = [
  ...[...killPoints, 'random' as const].map((at): FlowFault => ({ fault: 'kill', at })),
  ...others.map((fault): FlowFault => ({ fault })),
  ...busFaults.map((told): FlowFault => ({ fault: 'bus', of: 'debit', ...told })),
  // A void is asked of either, by the same message.
  ...busFaults
    .filter(({ behaviour }) => behaviour.do !== 'cannot-void')
    .map((told): FlowFault => ({ fault: 'bus', of: 'reversal', ...told })),
];

export const faultName = (fault: Fault): string => {
  switch (fault.fault) {
    case 'kill':
      return `kill ${fault.at}`;
    case 'bus':
      return `bus ${busName(fault)}`;
    case 'statement':
      return `statement ${fault.entry}`;
    case 'stop-and-wake':
    case 'postgres-restart':
    case 'postgres-crash':
    case 'postgres-cut-answers':
    case 'disk-full':
    case 'disk-full-crash':
    case 'redis-emptied':
    case 'redis-restart':
    case 'receiver-away':
    case 'clock-moved':
    case 'deployment':
      return fault.fault;
  }
};

/** What the bus counts it by. */
export const busName = ({ of, name }: Extract<FlowFault, { fault: 'bus' }>): string =>
  of === 'debit' ? name : `reversal-${name}`;

const statementFaults = statementEntries.map((entry): StatementFault => ({ fault: 'statement', entry }));

/** Every fault so many times, each round in an order that follows from the seed; the day's statements at its end. */
export function planOf(random: Random, rounds: number): Fault[] {
  const each = <Item>(items: () => readonly Item[]) => Array.from({ length: rounds }, items).flat();
  return [...each(() => shuffled(random, everyFault)), ...each(() => statementFaults)];
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const left = [...items];
  return Array.from({ length: left.length }, () => left.splice(random.between(0, left.length - 1), 1)).flat();
}
