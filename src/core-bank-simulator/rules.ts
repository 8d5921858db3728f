import { createHash } from 'node:crypto';
import type { Behaviour, MessageName, Rule } from './behaviour.ts';
import { catalogue } from './catalogue.ts';

/** What a rule may be about: one transaction, or a page of a statement. */
export type Subject = { message: MessageName; reference?: string; ribs?: readonly string[]; day?: string };

export type Played = { name: string; behaviour: Behaviour };

export type Rules = {
  put: (name: string, rule: Rule) => void;
  /** False where there is none of that name. */
  remove: (name: string) => boolean;
  clear: () => void;
  /** In the order in which they are tried, with how often each may still be played. */
  list: () => { name: string; rule: Rule; left: number | null }[];
  /** Whether any rule looks at accounts: only then must a reference's be looked up. */
  lookAtRibs: () => boolean;
  /** The first rule that applies, which is thereby played once; undefined: behave. `onlyTransactions`: for an exchange that is decided. */
  pick: (subject: Subject, onlyTransactions?: boolean) => Played | undefined;
};

type Kept = { name: string; rule: Rule; left: number };

/** The rules in memory: a test program that is started anew behaves well until it is told otherwise. */
export function openRules(seed: string): Rules {
  const kept = new Map<string, Kept>();
  // How often each rule was asked about each subject: the draw differs from one time to the next, and not from run to run.
  const asked = new Map<string, number>();
  const draws = ({ name, rule }: Kept, subject: Subject): boolean => {
    if (rule.probability === undefined) return true;
    const about = `${name}\n${subject.message}\n${subject.reference ?? subject.day ?? subject.ribs?.join() ?? ''}`;
    const times = asked.get(about) ?? 0;
    asked.set(about, times + 1);
    return fraction(`${seed}\n${about}\n${times}`) < rule.probability;
  };
  return {
    put(name, rule) {
      kept.set(name, { name, rule, left: rule.times ?? Number.POSITIVE_INFINITY });
    },
    remove: (name) => kept.delete(name),
    clear: () => kept.clear(),
    list: () =>
      [...kept.values()].map(({ name, rule, left }) => ({ name, rule, left: Number.isFinite(left) ? left : null })),
    lookAtRibs: () => [...kept.values()].some(({ rule }) => rule.when.rib !== undefined),
    pick(subject, onlyTransactions = false) {
      for (const one of kept.values()) {
        if (onlyTransactions && catalogue[one.rule.behaviour.do].of === 'EXCHANGE') continue;
        if (one.left === 0 || !applies(one.rule, subject) || !draws(one, subject)) continue;
        one.left -= 1;
        return { name: one.name, behaviour: one.rule.behaviour };
      }
      return undefined;
    },
  };
}

function applies({ when, behaviour }: Rule, subject: Subject): boolean {
  return (
    catalogue[behaviour.do].messages.includes(subject.message) &&
    (when.message === undefined || when.message === subject.message) &&
    (when.reference === undefined || when.reference === subject.reference) &&
    (when.rib === undefined || (subject.ribs?.includes(when.rib) ?? false)) &&
    (when.day === undefined || when.day === subject.day)
  );
}

/** 0 to 1, evenly, the same for the same text. */
const fraction = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
