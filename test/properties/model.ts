/** What may be asked of one employer's mandate, by its creditor or its bank. Names and declarations collide on purpose. */
export type Act =
  | {
      act: 'debit';
      name: number;
      declaration: number;
      amount: bigint;
      bus: Bus;
      later: boolean;
      mandate: 'LAST' | 'FIRST';
    }
  | { act: 'cancel'; name: number }
  | { act: 'suspend' | 'resume' | 'resolve' }
  | { act: 'replace'; perDebit: bigint; perPeriod: bigint };

/** What the core makes of a debit's first copy. LOST: it never arrives. SILENT: it moves, and nobody hears of it. */
export type Bus = 'MOVES' | 'REFUSES' | 'LOST' | 'SILENT';

export const declared = [1_000_00n, 500_00n, 120_00n] as const;

type ModelDebit = {
  content: string;
  declaration: number;
  amount: bigint;
  bus: Bus;
  state: 'SCHEDULED' | 'IN_DOUBT' | 'SETTLED' | 'REJECTED' | 'CANCELLED';
};

/**
 * The rules in their simplest words, for acts that come one after the other: no database, no lock, no message. Reversals
 * go in here with their own act: a debit that is reversed holds nothing any more.
 */
export class Model {
  private readonly debits = new Map<number, ModelDebit>();
  private suspended = false;
  /** How often the mandate was replaced: the last one alone may be debited under. */
  private replaced = 0;
  private perDebit: bigint;
  private perPeriod: bigint;

  constructor(perDebit: bigint, perPeriod: bigint) {
    this.perDebit = perDebit;
    this.perPeriod = perPeriod;
  }

  /** What the gateway must answer: an outcome, or the state of the debit. */
  perform(act: Act): string {
    switch (act.act) {
      case 'debit':
        return this.debit(act);
      case 'cancel':
        return this.cancel(act.name);
      case 'suspend':
      case 'resume':
        this.suspended = act.act === 'suspend';
        return act.act;
      case 'resolve':
        for (const debit of this.debits.values()) if (debit.state === 'IN_DOUBT') this.resolve(debit);
        return act.act;
      case 'replace':
        this.replaced += 1;
        this.perDebit = act.perDebit;
        this.perPeriod = act.perPeriod;
        return act.act;
    }
  }

  /** The state of each name, as the gateway's table must have it. */
  states(): Map<number, string> {
    return new Map([...this.debits].map(([name, { state }]) => [name, state]));
  }

  live(declaration: number): bigint {
    return this.sum((debit) => debit.declaration === declaration && holdsDeclaration(debit));
  }

  used(): bigint {
    return this.sum(({ state }) => state === 'IN_DOUBT' || state === 'SETTLED');
  }

  private debit(act: Extract<Act, { act: 'debit' }>): string {
    const { name, declaration, amount, bus } = act;
    const under = act.mandate === 'FIRST' ? 0 : this.replaced;
    const content = [under, declaration, amount, act.later].join(' ');
    const known = this.debits.get(name);
    if (known !== undefined) return known.content === content || known.content === 'BURNT' ? known.state : 'NAME_TAKEN';
    const limit = declared[declaration] ?? 0n;
    const live = this.live(declaration);
    if (live >= limit) return 'DECLARATION_PAID';
    if (live + amount > limit) return 'OVER_DECLARED';
    const debit: ModelDebit = { content, declaration, amount, bus, state: this.judge(act, under) };
    this.debits.set(name, debit);
    return debit.state;
  }

  private judge(act: Extract<Act, { act: 'debit' }>, under: number): ModelDebit['state'] {
    if (under !== this.replaced || this.suspended || act.amount > this.perDebit) return 'REJECTED';
    if (act.later) return 'SCHEDULED';
    if (this.used() + act.amount > this.perPeriod || act.bus === 'REFUSES') return 'REJECTED';
    return act.bus === 'MOVES' ? 'SETTLED' : 'IN_DOUBT';
  }

  /** What moved settles; what was lost is sent again, and moves, where the mandate that stands for it allows. */
  private resolve(debit: ModelDebit): void {
    debit.state = debit.bus === 'SILENT' || !this.suspended ? 'SETTLED' : 'REJECTED';
  }

  private cancel(name: number): string {
    const known = this.debits.get(name);
    if (known === undefined) {
      this.debits.set(name, { content: 'BURNT', declaration: -1, amount: 0n, bus: 'LOST', state: 'CANCELLED' });
      return 'BURNT';
    }
    if (known.state === 'CANCELLED') return 'ALREADY';
    if (known.state !== 'SCHEDULED') return 'TOO_LATE';
    known.state = 'CANCELLED';
    return 'CANCELLED';
  }

  private sum(which: (debit: ModelDebit) => boolean): bigint {
    return [...this.debits.values()].filter(which).reduce((sum, { amount }) => sum + amount, 0n);
  }
}

const holdsDeclaration = ({ state }: ModelDebit): boolean =>
  state === 'SCHEDULED' || state === 'IN_DOUBT' || state === 'SETTLED';
