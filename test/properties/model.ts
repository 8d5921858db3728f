import { addDays, type Day } from '../../src/values/dates.ts';
import { type Act, type Bus, declared, type Period } from './acts.ts';

type Asked<Name extends Act['act']> = Extract<Act, { act: Name }>;

type ModelReversal = { reason: string; bus: Bus; askedOn: Day; state: 'IN_DOUBT' | 'SETTLED' | 'REJECTED' };

type ModelDebit = {
  content: string;
  declaration: number;
  amount: bigint;
  bus: Bus;
  state: 'SCHEDULED' | 'IN_DOUBT' | 'SETTLED' | 'REJECTED' | 'CANCELLED' | 'REVERSED';
  /** On which it is executed, or not at all: its date, or the day on which it was asked for. */
  day: Day;
  reservedOn?: Day;
  reversals: ModelReversal[];
};

type ModelMandate = { perDebit: bigint; perPeriod: bigint; period: Period; from: Day; to: Day };

export const limits = { windowDays: 5, reversalsADay: 2, amountADay: 400_00n, validDays: 20 };

/**
 * The rules in their simplest words, for acts that come one after the other: no database, no lock, no message. Time is
 * the day on which it is, at noon.
 */
export class Model {
  private readonly debits = new Map<number, ModelDebit>();
  private readonly mandates: ModelMandate[];
  private today: Day;
  private suspended = false;
  private revoked = false;
  private stopped = false;
  /** On which a ceiling was reserved last: the chain's counters are of its month, quarter and year. */
  private countedOn: Day | undefined;

  constructor(today: Day, mandate: Pick<ModelMandate, 'perDebit' | 'perPeriod' | 'period'>) {
    this.today = today;
    this.mandates = [{ ...mandate, from: today, to: addDays(today, limits.validDays) }];
  }

  /** What the gateway must answer: an outcome, or the state of the debit or of the try to reverse it. */
  perform(act: Act): string {
    switch (act.act) {
      case 'debit':
        return this.debit(act);
      case 'cancel':
        return this.cancel(act.name);
      case 'reverse':
        return this.reverse(act);
      case 'suspend':
      case 'resume':
        if (!this.runs()) return 'WRONG_STATE';
        this.suspended = act.act === 'suspend';
        return 'WRITTEN';
      case 'revoke':
        if (!this.revoked && this.hasExpired()) return 'WRONG_STATE';
        this.revoked = true;
        return 'WRITTEN';
      case 'replace':
        return this.replace(act);
      case 'stop':
      case 'start':
        return this.stopOrStart(act.act === 'stop');
      case 'resolve':
        this.resolve();
        return act.act;
      case 'wait':
        this.today = addDays(this.today, act.days);
        return act.act;
      case 'expire':
        // Validity follows from the dates: that it is written down changes nothing.
        return act.act;
    }
  }

  /** The state of each name, as the gateway's table must have it, with those of the tries to reverse it. */
  states(): Map<number, string[]> {
    return new Map(
      [...this.debits].map(([name, { state, reversals }]) => [name, [state, ...reversals.map((one) => one.state)]]),
    );
  }

  live(declaration: number): bigint {
    return this.sum((debit) => debit.declaration === declaration && (isHeld(debit) || debit.state === 'SCHEDULED'));
  }

  used(period: Period): bigint {
    return this.countedOn === undefined ? 0n : this.usedIn(period, this.countedOn);
  }

  private usedIn(period: Period, day: Day): bigint {
    const isIn = ({ reservedOn }: ModelDebit) =>
      reservedOn !== undefined && periodOf(period, reservedOn) === periodOf(period, day);
    return this.sum((debit) => isHeld(debit) && isIn(debit));
  }

  private debit(act: Asked<'debit'>): string {
    const { name, declaration, amount, bus } = act;
    const under = act.mandate === 'FIRST' ? 0 : this.mandates.length - 1;
    const day = act.later ? addDays(this.today, 3) : this.today;
    const content = [under, declaration, amount, act.later && day].join(' ');
    const known = this.debits.get(name);
    if (known !== undefined) return known.content === content || known.content === 'BURNT' ? known.state : 'NAME_TAKEN';
    if (this.stopped) return 'STOPPED';
    const limit = declared[declaration] ?? 0n;
    const live = this.live(declaration);
    if (live >= limit) return 'DECLARATION_PAID';
    if (live + amount > limit) return 'OVER_DECLARED';
    const debit: ModelDebit = { content, declaration, amount, bus, state: 'REJECTED', day, reversals: [] };
    this.debits.set(name, debit);
    if (under === this.mandates.length - 1 && this.isDebitable(day) && amount <= this.last().perDebit) {
      if (act.later) debit.state = 'SCHEDULED';
      else this.execute(debit);
    }
    return debit.state;
  }

  /** Reserves what is left of the period of today, and sends. */
  private execute(debit: ModelDebit): void {
    const { period, perPeriod } = this.last();
    if (this.usedIn(period, this.today) + debit.amount > perPeriod) debit.state = 'REJECTED';
    else {
      debit.reservedOn = this.today;
      this.countedOn = this.today;
      debit.state = afterSending(debit.bus);
    }
  }

  private reverse({ name, attempt, reason, bus }: Asked<'reverse'>): string {
    const debit = this.debits.get(name);
    if (debit === undefined) return 'DEBIT_NOT_FOUND';
    const known = debit.reversals[attempt - 1];
    if (known !== undefined) return known.reason === reason ? known.state : 'OTHER_ATTEMPT';
    if (attempt !== debit.reversals.length + 1 || debit.reversals.some(stands)) return 'OTHER_ATTEMPT';
    if (debit.state !== 'SETTLED') return 'NOT_SETTLED';
    if (this.today > addDays(debit.day, limits.windowDays)) return 'WINDOW_PASSED';
    if (this.stopped) return 'STOPPED';
    const tries = [...this.debits.values()].flatMap(({ amount, reversals }) =>
      reversals.filter(({ askedOn }) => askedOn === this.today).map((one) => ({ ...one, amount })),
    );
    if (tries.length >= limits.reversalsADay) return 'REVERSALS_A_DAY';
    const asked = tries.filter(stands).reduce((sum, { amount }) => sum + amount, debit.amount);
    if (asked > limits.amountADay) return 'AMOUNT_A_DAY';
    const state = afterSending(bus);
    debit.reversals.push({ reason, bus, askedOn: this.today, state });
    if (state === 'SETTLED') debit.state = 'REVERSED';
    return state;
  }

  private cancel(name: number): string {
    const known = this.debits.get(name);
    if (known === undefined) {
      const burnt = { content: 'BURNT', declaration: -1, amount: 0n, bus: 'LOST', day: this.today } as const;
      this.debits.set(name, { ...burnt, state: 'CANCELLED', reversals: [] });
      return 'BURNT';
    }
    if (known.state === 'CANCELLED') return 'ALREADY';
    if (known.state !== 'SCHEDULED') return 'TOO_LATE';
    known.state = 'CANCELLED';
    return 'CANCELLED';
  }

  private replace({ perDebit, perPeriod, period, beginsIn }: Asked<'replace'>): string {
    if (this.revoked || this.hasExpired()) return 'WRONG_STATE';
    this.mandates.push({
      perDebit,
      perPeriod,
      period,
      from: addDays(this.today, beginsIn),
      to: addDays(this.today, limits.validDays),
    });
    return 'WRITTEN';
  }

  private stopOrStart(stop: boolean): string {
    const before = this.stopped;
    this.stopped = stop;
    if (stop) return before ? 'STANDS_ALREADY' : 'STOPPED';
    return before ? 'DECIDED' : 'NONE';
  }

  /** By name, debits first: as the scene does it. */
  private resolve(): void {
    const debits = [...this.debits].toSorted(([one], [other]) => one - other).map(([, debit]) => debit);
    for (const debit of debits) {
      if (debit.state === 'IN_DOUBT') this.endDoubt(debit, this.isDebitable(this.today));
      else if (debit.state === 'SCHEDULED' && debit.day <= this.today) this.runDue(debit);
    }
    for (const debit of debits)
      for (const reversal of debit.reversals) {
        if (reversal.state === 'IN_DOUBT') this.endDoubt(Object.assign(reversal, { day: reversal.askedOn }), true);
        if (reversal.state === 'SETTLED') debit.state = 'REVERSED';
      }
  }

  private runDue(debit: ModelDebit): void {
    if (this.today > debit.day) debit.state = 'REJECTED';
    else if (this.stopped) return;
    else if (this.isDebitable(this.today) && debit.amount <= this.last().perDebit) this.execute(debit);
    else debit.state = 'REJECTED';
  }

  /** What moved settles. What was lost is sent again, and moves, where time and mandate allow; a stop leaves it be. */
  private endDoubt(
    order: { bus: Bus; day: Day; state: ModelDebit['state'] | ModelReversal['state'] },
    mandateAllows: boolean,
  ): void {
    if (order.bus === 'SILENT') order.state = 'SETTLED';
    else if (!this.stopped) order.state = mandateAllows && this.today <= order.day ? 'SETTLED' : 'REJECTED';
  }

  private last(): ModelMandate {
    const last = this.mandates.at(-1);
    if (last === undefined) throw new Error('a chain without a mandate');
    return last;
  }

  private hasExpired = (): boolean => this.today > this.last().to;
  private runs = (): boolean => !this.revoked && !this.hasExpired();
  private isDebitable = (day: Day): boolean =>
    !this.revoked && !this.suspended && day >= this.last().from && day <= this.last().to;

  private sum(which: (debit: ModelDebit) => boolean): bigint {
    return [...this.debits.values()].filter(which).reduce((sum, { amount }) => sum + amount, 0n);
  }
}

const isHeld = ({ state }: ModelDebit): boolean => state === 'IN_DOUBT' || state === 'SETTLED';
const stands = ({ state }: ModelReversal): boolean => state !== 'REJECTED';

/** The name of the month, quarter or year that the day is in. */
function periodOf(period: Period, day: Day): string {
  const [year = '', month = ''] = day.split('-');
  switch (period) {
    case 'MONTH':
      return `${year}-${month}`;
    case 'QUARTER':
      return `${year} ${Math.ceil(Number(month) / 3)}`;
    case 'YEAR':
      return year;
  }
}

function afterSending(bus: Bus): 'SETTLED' | 'REJECTED' | 'IN_DOUBT' {
  switch (bus) {
    case 'MOVES':
      return 'SETTLED';
    case 'REFUSES':
      return 'REJECTED';
    case 'LOST':
    case 'SILENT':
      return 'IN_DOUBT';
  }
}
