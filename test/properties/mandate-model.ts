import fc from 'fast-check';
import type { MandateState } from '../../src/mandates/mandate.ts';
import { officer, otherSupervisor, supervisor } from '../mandates.ts';

const people = [officer, supervisor, otherSupervisor] as const;
type Person = (typeof people)[number];
type Side = 'bank' | 'creditor';

export type ByStaff = { act: 'change' | 'submit' | 'send-back' | 'refuse' | 'certify'; which: number; by: Person };
export type BySide = { act: 'suspend' | 'resume' | 'revoke'; which: number; side: Side };

/** What may be done to an employer's mandates. `which` counts them in the order in which they were entered; -1: the last. */
export type MandateAct =
  | { act: 'replace' | 'accept'; which: number }
  | ByStaff
  | BySide
  | { act: 'expire' }
  | { act: 'wait'; days: number };

const anyOne = fc.nat({ max: 3 });
const anybody = fc.constantFrom<Person>(officer, officer, supervisor, supervisor, otherSupervisor);
const side = fc.constantFrom<Side>('bank', 'creditor');
const staff = (which: fc.Arbitrary<number>, by: fc.Arbitrary<Person>, ...acts: ByStaff['act'][]) =>
  fc.record({ act: fc.constantFrom(...acts), which, by });
const sides = (which: fc.Arbitrary<number>, ...acts: BySide['act'][]) =>
  fc.record({ act: fc.constantFrom(...acts), which, side });
const chain = (which: fc.Arbitrary<number>, ...acts: ('replace' | 'accept')[]) =>
  fc.record({ act: fc.constantFrom(...acts), which });
const inDays = (...days: number[]): fc.Arbitrary<MandateAct> =>
  fc.record({ act: fc.constant('wait'), days: fc.constantFrom(...days) });

export const mandateAct: fc.Arbitrary<MandateAct> = fc.oneof(
  { weight: 8, arbitrary: staff(anyOne, anybody, 'submit', 'certify', 'certify', 'certify') },
  { weight: 2, arbitrary: staff(anyOne, anybody, 'change', 'send-back', 'refuse') },
  { weight: 8, arbitrary: chain(anyOne, 'replace', 'accept', 'accept') },
  { weight: 6, arbitrary: sides(anyOne, 'suspend', 'suspend', 'resume', 'resume', 'revoke') },
  { weight: 1, arbitrary: fc.constant({ act: 'expire' as const }) },
);
export const mandateWait = inDays(1, 1, 2, 2, 27, 31);

const last = fc.constant(-1);
const lastButOne = fc.constant(-2);
const sometimes = fc.oneof(
  { weight: 5, arbitrary: fc.constant<MandateAct>({ act: 'expire' }) },
  { weight: 1, arbitrary: mandateAct },
  { weight: 1, arbitrary: mandateWait },
);
const submitted = staff(last, fc.constant(officer), 'submit');
const certified = staff(last, fc.constantFrom(supervisor, supervisor, otherSupervisor), 'certify');

/** Acts that belong together, as chance alone would seldom draw them: -1 is the one that was entered last. */
export const mandateStory: fc.Arbitrary<MandateAct[]> = fc.oneof(
  fc.tuple(submitted, sometimes, certified, sometimes, chain(last, 'accept')),
  fc.tuple(chain(anyOne, 'replace'), submitted, sometimes, certified, sometimes, chain(last, 'accept')),
  fc.tuple(chain(last, 'replace'), submitted, sides(lastButOne, 'suspend', 'revoke'), certified, chain(last, 'accept')),
  fc.tuple(submitted, certified, chain(last, 'replace'), submitted, certified, chain(last, 'replace', 'accept')),
  // Two that are to replace the same.
  fc.tuple(chain(lastButOne, 'replace'), submitted, certified, chain(lastButOne, 'accept'), chain(last, 'accept')),
  fc.tuple(staff(last, anybody, 'submit'), sometimes, staff(last, anybody, 'certify'), staff(last, anybody, 'certify')),
  fc.tuple(mandateWait, staff(last, anybody, 'submit'), staff(last, anybody, 'send-back', 'refuse', 'certify')),
  fc.tuple(
    sides(last, 'suspend'),
    sides(last, 'suspend'),
    sides(last, 'resume', 'revoke'),
    sides(last, 'resume', 'revoke'),
  ),
);
const single = fc.oneof({ weight: 8, arbitrary: mandateAct }, { weight: 1, arbitrary: mandateWait });
const ending: fc.Arbitrary<MandateAct[]> = fc.tuple(inDays(31), mandateAct, inDays(31), mandateAct, mandateAct);

/** What happens to one employer's mandates, in this order. */
export const mandateCourse: fc.Arbitrary<MandateAct[]> = fc
  .tuple(
    fc.array(
      fc.oneof(
        single.map((one) => [one]),
        mandateStory,
      ),
      { minLength: 6, maxLength: 16, size: 'max' },
    ),
    fc.option(ending, { nil: [], freq: 1 }),
  )
  .map(([parts, end]) => [...parts.flat(), ...end]);

export const validDays = 25;
export const mostMandates = 4;

type ModelMandate = {
  opened: boolean;
  replaces: ModelMandate | undefined;
  state: MandateState;
  /** Counted from the first day. */
  since: number;
  lastDay: number;
  makers: Set<Person>;
  shown: boolean;
  flags: Set<Side>;
};

/** The rules of a mandate's life in their simplest words. Time is the day on which it is, at one hour. */
export class MandateModel {
  private readonly mandates: ModelMandate[] = [];
  private day = 0;

  /** The first one: opened by the creditor, or entered by an officer. */
  constructor(opened: boolean) {
    this.enter(opened, undefined);
  }

  perform(act: MandateAct): string {
    if (act.act === 'wait') {
      this.day += act.days;
      return act.act;
    }
    // Validity follows from the dates: that it is written down changes nothing.
    if (act.act === 'expire') return act.act;
    const mandate = this.mandates.at(act.which);
    if (mandate === undefined) return 'NONE';
    switch (act.act) {
      case 'replace':
        if (this.mandates.length === mostMandates) return 'NONE';
        if (!this.isReplaceable(mandate)) return 'FAULTS';
        this.enter(false, mandate);
        return 'ENTERED';
      case 'change':
        if (this.stateOf(mandate) !== 'DRAFT') return 'WRONG_STATE';
        // What is typed anew is looked at whole: a last day that is past, or another to replace that has ended, is a fault.
        if (this.day > mandate.lastDay || this.replacesNothing(mandate)) return 'FAULTS';
        mandate.makers.add(act.by);
        return 'DONE';
      case 'submit':
        if (this.stateOf(mandate) !== 'DRAFT') return 'WRONG_STATE';
        mandate.makers.add(act.by);
        return this.become(mandate, 'PENDING_CERTIFICATION');
      case 'send-back':
      case 'refuse':
      case 'certify':
        return this.check(mandate, act.act, act.by);
      case 'accept':
        return this.accept(mandate);
      case 'suspend':
      case 'resume':
      case 'revoke':
        return this.act(mandate, act.act, act.side);
    }
  }

  /** What holds today, as the gateway must say: the state, and who suspends it. */
  standing(): string[] {
    return this.mandates.map((mandate) => [this.stateOf(mandate), ...this.suspendedBy(mandate)].join(' '));
  }

  private enter(opened: boolean, replaces: ModelMandate | undefined): void {
    this.mandates.push({
      ...{ opened, replaces, state: 'DRAFT', since: this.day, lastDay: this.day + validDays },
      ...{ makers: new Set(opened ? [] : [officer]), shown: false, flags: new Set() },
    });
  }

  /** Four eyes, and for certifying also: within a day, before its last, and what it replaces still there. */
  private check(mandate: ModelMandate, act: 'send-back' | 'refuse' | 'certify', by: Person): string {
    if (this.stateOf(mandate) !== 'PENDING_CERTIFICATION') return 'WRONG_STATE';
    if (mandate.makers.has(by)) return 'SAME_PERSON';
    if (act === 'send-back') return this.become(mandate, 'DRAFT');
    if (act === 'refuse') return this.become(mandate, 'REFUSED');
    if (this.day > mandate.since + 1) return 'SUBMITTED_TOO_LONG_AGO';
    if (this.day > mandate.lastDay) return 'PAST_ITS_LAST_DAY';
    if (this.replacesNothing(mandate)) return 'REPLACES_NOTHING';
    return this.become(mandate, 'CERTIFIED');
  }

  private accept(mandate: ModelMandate): string {
    const state = this.stateOf(mandate);
    if (!this.isVisible(mandate, true)) return 'NOT_FOUND';
    if (state === 'ACTIVE' || state === 'SUSPENDED') return 'WRITTEN';
    if (state !== 'CERTIFIED') return 'WRONG_STATE';
    if (this.replacesNothing(mandate)) return 'WRONG_STATE';
    const before: ModelMandate[] = [];
    for (let old = mandate.replaces; old !== undefined; old = old.replaces) before.push(old);
    if (before.some((old) => !this.isReplaceable(old) && old.state !== 'REPLACED')) return 'WRONG_STATE';
    for (const old of before.filter((one) => this.isReplaceable(one))) {
      for (const flag of this.suspendedBy(old)) mandate.flags.add(flag);
      this.become(old, 'REPLACED');
    }
    this.become(mandate, 'ACTIVE');
    return 'WRITTEN';
  }

  private act(mandate: ModelMandate, act: 'suspend' | 'resume' | 'revoke', by: Side): string {
    if (by === 'creditor' && !this.isVisible(mandate, false)) return 'NOT_FOUND';
    const state = this.stateOf(mandate);
    const [done, again] = by === 'creditor' ? ['WRITTEN', 'WRITTEN'] : ['DONE', 'WRONG_STATE'];
    if (act === 'revoke') {
      if (state === 'REVOKED') return again;
      if (!this.isReplaceable(mandate)) return 'WRONG_STATE';
      this.become(mandate, 'REVOKED');
      return done;
    }
    if (state !== 'ACTIVE' && state !== 'SUSPENDED') return 'WRONG_STATE';
    if (mandate.flags.has(by) === (act === 'suspend')) return again;
    if (act === 'suspend') mandate.flags.add(by);
    else mandate.flags.delete(by);
    return done;
  }

  private become(mandate: ModelMandate, state: MandateState): string {
    mandate.state = state;
    mandate.since = this.day;
    return 'DONE';
  }

  private stateOf({ state, since, lastDay, flags }: ModelMandate): MandateState {
    const waits = state === 'DRAFT' || state === 'PENDING_CERTIFICATION';
    const lives = state === 'CERTIFIED' || state === 'ACTIVE';
    if ((waits && this.day > since + 30) || (lives && this.day > lastDay)) return 'EXPIRED';
    return state === 'ACTIVE' && flags.size > 0 ? 'SUSPENDED' : state;
  }

  private suspendedBy = (mandate: ModelMandate): Side[] =>
    this.stateOf(mandate) === 'SUSPENDED' ? [...mandate.flags].toSorted() : [];

  private isReplaceable = (mandate: ModelMandate): boolean =>
    ['CERTIFIED', 'ACTIVE', 'SUSPENDED'].includes(this.stateOf(mandate));

  private replacesNothing = ({ replaces }: ModelMandate): boolean =>
    replaces !== undefined && !this.isReplaceable(replaces);

  /** Its creditor sees what it opened itself, or was shown the certificate of: by itself, when it accepts. */
  private isVisible(mandate: ModelMandate, shows: boolean): boolean {
    const isCertified = !['DRAFT', 'PENDING_CERTIFICATION', 'REFUSED'].includes(mandate.state);
    mandate.shown ||= shows && isCertified;
    return mandate.opened || mandate.shown;
  }
}
