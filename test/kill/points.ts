import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { ReversalSteps } from '../../src/debits/reversal-steps.ts';
import type { DebitSteps } from '../../src/debits/steps.ts';

/** Where a process can be made to die over a debit, each named by what has happened just before. The first four are the issue's. */
export const debitPoints = [
  'after-intent',
  'after-core-answer',
  'between-signing-and-settling',
  'after-settling',
  'before-rejecting',
  'after-rejecting',
  'after-inquiry',
  'after-claim',
] as const;

/** And over a reversal. Each is asked about only where the one before left it open: so inquiry follows claim. */
export const reversalPoints = [
  'after-reversal-intent',
  'after-reversal-core-answer',
  'between-signing-and-reversing',
  'after-reversal-claim',
  'after-reversal-inquiry',
  'after-reversing',
] as const;

export const killPoints = [...debitPoints, ...reversalPoints] as const;
export type KillPoint = (typeof killPoints)[number];

/** `pass`: the how manieth time it is reached. */
export type Cut = { at: KillPoint; pass: number } | { at: 'stall-before-send'; pass: number };

export const cutText = ({ at, pass }: Cut): string => `${at}:${pass}`;

export function parseCut(text: string | undefined): Cut | undefined {
  const [name, pass] = text?.split(':') ?? [];
  const at = name === 'stall-before-send' ? name : killPoints.find((point) => point === name);
  return at === undefined ? undefined : { at, pass: Number(pass) };
}

/** The parent reads these lines. Written at once, since the next thing may be the end of this process. */
export const announce = (line: string): void => void writeSync(1, `${line}\n`);

function counting(cut: Cut) {
  let passed = 0;
  const isTime = (): boolean => {
    passed += 1;
    return passed === cut.pass;
  };
  const reached = (): void => {
    if (!isTime()) return;
    announce(`reached ${cut.at}`);
    process.kill(process.pid, 'SIGKILL');
  };
  return { isTime, reached };
}

/** The steps, cut where `cut` says. Only tests have a way to this: nothing in src/ reads such a thing. */
export function cutSteps(steps: DebitSteps, cut: Cut): DebitSteps {
  const { isTime, reached } = counting(cut);
  switch (cut.at) {
    case 'after-intent':
      return { ...steps, reserve: after(steps.reserve, reached, ({ verdict }) => /RESERVED|REFUSED/.test(verdict)) };
    case 'after-core-answer':
      return { ...steps, move: after(steps.move, reached) };
    case 'between-signing-and-settling':
      return { ...steps, settle: before(steps.settle, reached) };
    case 'after-settling':
      return { ...steps, settle: after(steps.settle, reached) };
    case 'before-rejecting':
      return { ...steps, reject: before(steps.reject, reached) };
    case 'after-rejecting':
      return { ...steps, reject: after(steps.reject, reached) };
    case 'after-inquiry':
      return { ...steps, inquire: after(steps.inquire, reached) };
    case 'after-claim':
      return {
        ...steps,
        async claimSend(debitId, repeatable) {
          const claimed = await steps.claimSend(debitId, repeatable);
          if (claimed !== undefined) reached();
          return claimed;
        },
      };
    case 'stall-before-send':
      return {
        ...steps,
        async move(debit) {
          if (!isTime()) return steps.move(debit);
          // The parent stops the process (SIGSTOP) when it reads this, and wakes it when another has the debit.
          const woken = once(process, 'SIGCONT');
          announce('stalled');
          await woken;
          const moved = await steps.move(debit);
          announce(`sent ${moved.outcome}`);
          return moved;
        },
      };
    case 'after-reversal-intent':
    case 'after-reversal-core-answer':
    case 'between-signing-and-reversing':
    case 'after-reversal-claim':
    case 'after-reversing':
    case 'after-reversal-inquiry':
      return steps;
  }
}

/** The same for a reversal's steps. */
export function cutReversalSteps(steps: ReversalSteps, cut: Cut): ReversalSteps {
  const { reached } = counting(cut);
  switch (cut.at) {
    case 'after-reversal-intent':
      return { ...steps, request: after(steps.request, reached, ({ verdict }) => verdict === 'REQUESTED') };
    case 'after-reversal-claim':
      return { ...steps, claim: after(steps.claim, reached, (claimed) => claimed !== undefined) };
    case 'after-reversal-core-answer':
      return { ...steps, move: after(steps.move, reached) };
    case 'between-signing-and-reversing':
      return { ...steps, settle: before(steps.settle, reached) };
    case 'after-reversing':
      return { ...steps, settle: after(steps.settle, reached) };
    case 'after-reversal-inquiry':
      return { ...steps, inquire: after(steps.inquire, reached) };
    case 'after-intent':
    case 'after-core-answer':
    case 'between-signing-and-settling':
    case 'after-settling':
    case 'before-rejecting':
    case 'after-rejecting':
    case 'after-inquiry':
    case 'after-claim':
    case 'stall-before-send':
      return steps;
  }
}

const before =
  <Items extends unknown[], Result>(step: (...items: Items) => Promise<Result>, reached: () => void) =>
  (...items: Items): Promise<Result> => {
    reached();
    return step(...items);
  };

const after =
  <Items extends unknown[], Result>(
    step: (...items: Items) => Promise<Result>,
    reached: () => void,
    counts = (_result: Result) => true,
  ) =>
  async (...items: Items): Promise<Result> => {
    const result = await step(...items);
    if (counts(result)) reached();
    return result;
  };
