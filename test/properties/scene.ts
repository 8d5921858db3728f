import fc from 'fast-check';
import type { CoreBanking, MoveOutcome } from '../../src/core-banking/port.ts';
import type { ReversalSteps } from '../../src/debits/reversal-steps.ts';
import type { DebitSteps } from '../../src/debits/steps.ts';
import { centimesFromDatabase, formatAmount } from '../../src/values/centimes.ts';
import { addDays, algiersDay, type Day, parseDay } from '../../src/values/dates.ts';
import type { CoreReference, MandateId } from '../../src/values/ids.ts';
import { type MandateFixture, must, openBank, type TestBankWithGateway } from '../bank.ts';
import { type Reversing, reversing } from '../reversals.ts';
import { type Bus, type Period, period } from './acts.ts';
import { type ClockedDatabase, clockedDatabase } from './clock.ts';
import { limits } from './model.ts';

export const perDebit = 400_00n;
export const perPeriod = 600_00n;
export const openingBalance = 100_000_00n;

/** When a scene begins, and by what its first mandate's ceiling is counted. */
export type Beginning = { firstDay: Day; period: Period };

/** A few days before a month ends, or a quarter with it, or the year: each counting begins anew while a mandate runs. */
const firstDays = ['2027-03-29', '2027-04-28', '2027-12-29'].map((day) => must(parseDay(day)));

export const beginning: fc.Arbitrary<Beginning> = fc.record({ firstDay: fc.constantFrom(...firstDays), period });

/** One employer at the bank, under a mandate that may be replaced; its names and declarations are its own. */
export type Scene = {
  bank: TestBankWithGateway;
  db: ClockedDatabase;
  run: number;
  /** Two, on one database: their sets are their own. */
  replicas: readonly Replica[];
  reversing: Reversing;
  /** Those that were accepted, in their order; and every one that was entered. */
  mandates: MandateId[];
  entered: MandateId[];
  behaviours: Map<string, Bus>;
};

export type Replica = { debits: DebitSteps; reversals: ReversalSteps };

/** The bank is one for all the scenes of a test. */
export async function openScenes(): Promise<AsyncDisposable & { next: (beginning: Beginning) => Promise<Scene> }> {
  const db = await clockedDatabase();
  const bank = await openBank(db);
  const behaviours = new Map<string, Bus>();
  const coreBanking = behaving(bank.core, behaviours);
  const reversals = reversing(bank);
  const { windowDays, reversalsADay, amountADay } = limits;
  const replica = (): Replica => ({
    debits: bank.stepsWith({ coreBanking, fundsRefusalsADay: 1_000, debitsADay: 1_000 }),
    reversals: reversals.stepsWith({
      coreBanking,
      limits: { windowDays, reversalsADay, amountADay: centimesOf(amountADay) },
    }),
  });
  const replicas = [replica(), replica()];
  let run = 0;
  return {
    async next({ firstDay, period: countedBy }) {
      run += 1;
      await setTime({ bank, db }, new Date(`${firstDay}T11:00:00.000Z`));
      // They are the creditor's, whose employers the scenes are.
      await db.owner.query('delete from reversal_days');
      const scene = { bank, db, run, replicas, reversing: reversals, mandates: [], entered: [], behaviours };
      const mandate = await addMandate(scene, perDebit, perPeriod, { period: countedBy });
      return { ...scene, mandates: [mandate], entered: [mandate] };
    },
    [Symbol.asyncDispose]: () => bank[Symbol.asyncDispose](),
  };
}

async function setTime({ bank, db }: Pick<Scene, 'bank' | 'db'>, instant: Date): Promise<void> {
  bank.clock.set(instant);
  await db.setClock(instant);
}

export const wait = (scene: Scene, days: number): Promise<void> =>
  setTime(scene, new Date(scene.bank.clock.now().getTime() + days * 86_400_000));

const centimesOf = (amount: bigint) => centimesFromDatabase(String(amount));
export const textOf = (amount: bigint): string => formatAmount(centimesOf(amount));
const employerOf = (run: number) => String(run).padStart(10, '0');
export const nameOf = ({ run }: Pick<Scene, 'run'>, name: number) => `R${run}-${name}`;

export const addMandate = (
  { bank, run }: Pick<Scene, 'bank' | 'run'>,
  debit: bigint,
  inPeriod: bigint,
  other: Partial<MandateFixture> = {},
): Promise<MandateId> =>
  bank.addMandate({
    employerNumber: employerOf(run),
    perDebit: textOf(debit),
    perPeriod: textOf(inPeriod),
    balance: textOf(openingBalance),
    validTo: addDays(algiersDay(bank.clock.now()), limits.validDays),
    ...other,
  });

/** The real ledger, that does with each reference's first copy what it was told; any later copy it executes. */
function behaving(core: CoreBanking, behaviours: Map<string, Bus>): CoreBanking {
  const silence: MoveOutcome = { outcome: 'IN_DOUBT' };
  const each = <Instruction extends { reference: CoreReference }>(
    send: (instructions: readonly Instruction[]) => Promise<MoveOutcome[]>,
  ) => {
    const one = async (instruction: Instruction): Promise<MoveOutcome> => {
      const bus = behaviours.get(instruction.reference) ?? 'MOVES';
      behaviours.set(instruction.reference, 'MOVES');
      switch (bus) {
        case 'MOVES':
          return (await send([instruction]))[0] ?? silence;
        case 'REFUSES':
          await core.void([instruction.reference]);
          return { outcome: 'REFUSED', reason: 'AC04' };
        case 'SILENT':
          await send([instruction]);
          return silence;
        case 'LOST':
          return silence;
      }
    };
    return (instructions: readonly Instruction[]) => Promise.all(instructions.map(one));
  };
  return { ...core, debit: each(core.debit), reverse: each(core.reverse) };
}
