import { expect } from 'vitest';
import type { Act } from './acts.ts';
import type { DebitRow } from './invariants.ts';

/** An act that was performed beside others, and what was answered. */
export type Answered = { act: Act; answer: string };

/** How a row may stand at last whose creditor was answered so; every other answer leaves its end open. */
const after: Readonly<Record<string, readonly string[]>> = {
  SETTLED: ['SETTLED', 'REVERSED'],
  REJECTED: ['REJECTED'],
  CANCELLED: ['CANCELLED'],
  REVERSED: ['REVERSED'],
};
const withdrawn = ['CANCELLED', 'BURNT', 'ALREADY'];

/** Whoever was told of an end was told the one that stands when everything has ended. */
export function expectAnswersKept(rows: readonly DebitRow[], answered: readonly Answered[]): void {
  const of = new Map(rows.map((row) => [row.name, row]));
  const broken = answered.filter((one) => !isKept(of, one));
  expect(broken.map(({ act, answer }) => ({ act, answer, row: 'name' in act ? of.get(act.name) : undefined }))).toEqual(
    [],
  );
}

function isKept(rows: ReadonlyMap<number, DebitRow>, { act, answer }: Answered): boolean {
  switch (act.act) {
    case 'debit':
      return after[answer]?.includes(rows.get(act.name)?.state ?? 'UNKNOWN') ?? true;
    case 'cancel':
      return (rows.get(act.name)?.state === 'CANCELLED') === withdrawn.includes(answer);
    case 'reverse': {
      const hasEnded = answer === 'SETTLED' || answer === 'REJECTED';
      return !hasEnded || rows.get(act.name)?.reversals[act.attempt - 1]?.state === answer;
    }
    case 'replace':
    case 'wait':
    case 'suspend':
    case 'resume':
    case 'revoke':
    case 'expire':
    case 'stop':
    case 'start':
    case 'resolve':
      return true;
  }
}
