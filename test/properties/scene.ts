import type { CoreBanking, MoveOutcome } from '../../src/core-banking/port.ts';
import { cancel } from '../../src/debits/cancel.ts';
import type { DebitSteps } from '../../src/debits/steps.ts';
import { centimesFromDatabase, formatAmount } from '../../src/values/centimes.ts';
import { addDays, algiersDay } from '../../src/values/dates.ts';
import { type CoreReference, coreReferenceOf, type MandateId, parseEndToEndId } from '../../src/values/ids.ts';
import { cnas, must, openBank, requestFor, type TestBankWithGateway } from '../bank.ts';
import { resolveUnfinished } from '../work.ts';
import { type Act, type Bus, declared } from './model.ts';

export const perDebit = 400_00n;
export const perPeriod = 900_00n;
export const openingBalance = 100_000_00n;

/** One employer at the bank, under a mandate that may be replaced; its names and declarations are its own. */
export type Scene = {
  bank: TestBankWithGateway;
  run: number;
  /** Two replicas on one database: their sets are their own. */
  replicas: readonly DebitSteps[];
  mandates: MandateId[];
  behaviours: Map<CoreReference, Bus>;
};

/** The bank is one for all the scenes of a test. */
export async function openScenes(): Promise<AsyncDisposable & { next: () => Promise<Scene> }> {
  const bank = await openBank();
  const behaviours = new Map<CoreReference, Bus>();
  const coreBanking = behaving(bank.core, behaviours);
  const parts = { coreBanking, fundsRefusalsADay: 1_000, debitsADay: 1_000 };
  const replicas = [bank.stepsWith(parts), bank.stepsWith(parts)];
  let run = 0;
  return {
    async next() {
      run += 1;
      const mandate = await addMandate(bank, run, perDebit, perPeriod);
      return { bank, run, replicas, mandates: [mandate], behaviours };
    },
    [Symbol.asyncDispose]: () => bank[Symbol.asyncDispose](),
  };
}

const textOf = (centimes: bigint): string => formatAmount(centimesFromDatabase(String(centimes)));
const employerOf = (run: number) => String(run).padStart(10, '0');
const nameOf = ({ run }: Scene, name: number) => `R${run}-${name}`;

const addMandate = (
  bank: TestBankWithGateway,
  run: number,
  debit: bigint,
  period: bigint,
  replacing: { chainId?: MandateId | undefined; state?: string } = {},
) =>
  bank.addMandate({
    employerNumber: employerOf(run),
    perDebit: textOf(debit),
    perPeriod: textOf(period),
    balance: textOf(openingBalance),
    ...(replacing.chainId && { chainId: replacing.chainId }),
    state: replacing.state ?? 'ACTIVE',
  });

/** The real ledger, that does with each reference's first copy what it was told; any later copy it executes. */
function behaving(core: CoreBanking, behaviours: Map<CoreReference, Bus>): CoreBanking {
  const silence: MoveOutcome = { outcome: 'IN_DOUBT' };
  const one = async (instruction: Parameters<CoreBanking['debit']>[0][number]): Promise<MoveOutcome> => {
    const bus = behaviours.get(instruction.reference) ?? 'MOVES';
    behaviours.delete(instruction.reference);
    switch (bus) {
      case 'MOVES':
        return (await core.debit([instruction]))[0] ?? silence;
      case 'REFUSES':
        await core.void([instruction.reference]);
        return { outcome: 'REFUSED', reason: 'AC04' };
      case 'SILENT':
        await core.debit([instruction]);
        return silence;
      case 'LOST':
        return silence;
    }
  };
  return { ...core, debit: (instructions) => Promise.all(instructions.map(one)) };
}

/** Does it, by one of the replicas, and says what was answered: an outcome, or the debit's state. */
export async function perform(scene: Scene, act: Act, replica = 0): Promise<string> {
  const { bank } = scene;
  const steps = scene.replicas[replica % scene.replicas.length] ?? bank.steps;
  switch (act.act) {
    case 'debit':
      return debit(scene, steps, act);
    case 'cancel': {
      const endToEndId = must(parseEndToEndId(nameOf(scene, act.name)));
      const request = requestFor({ creditor: cnas, endToEndId }, bank.clock.now());
      return (await cancel(steps, cnas, endToEndId, request)).verdict;
    }
    case 'suspend':
    case 'resume':
      await bank.db.owner.query(
        `update mandates set state = $2, suspended_by_creditor = $2 = 'SUSPENDED'
          where chain_id = $1 and state in ('ACTIVE', 'SUSPENDED')`,
        [scene.mandates[0], act.act === 'suspend' ? 'SUSPENDED' : 'ACTIVE'],
      );
      return act.act;
    case 'resolve':
      await bank.db.owner.query(
        "update debits set lease_until = clock_timestamp() - interval '1 s' where state = 'IN_DOUBT' and employer_number = $1",
        [employerOf(scene.run)],
      );
      await resolveUnfinished(steps, bank.running);
      return act.act;
    case 'replace': {
      const [chainId] = scene.mandates;
      // As the acceptance of the one that replaces it does (mandates/accept.ts): the suspension is carried over.
      const { rows } = await bank.db.owner.query<{ suspended: boolean }>(
        `update mandates set state = 'REPLACED' where chain_id = $1 and state in ('ACTIVE', 'SUSPENDED')
         returning suspended_by_creditor as suspended`,
        [chainId],
      );
      const state = rows[0]?.suspended ? 'SUSPENDED' : 'ACTIVE';
      scene.mandates.push(await addMandate(bank, scene.run, act.perDebit, act.perPeriod, { chainId, state }));
      return act.act;
    }
  }
}

async function debit(scene: Scene, steps: DebitSteps, act: Extract<Act, { act: 'debit' }>): Promise<string> {
  const { bank, mandates, behaviours } = scene;
  const endToEndId = nameOf(scene, act.name);
  const reference = coreReferenceOf(cnas, must(parseEndToEndId(endToEndId)));
  const isFirst = !behaviours.has(reference);
  if (isFirst) behaviours.set(reference, act.bus);
  const outcome = await bank.debit(
    {
      mandateId: must(act.mandate === 'FIRST' ? mandates[0] : mandates.at(-1)),
      endToEndId,
      declaration: `R${scene.run}-D${act.declaration}`,
      declared: textOf(declared[act.declaration] ?? 0n),
      amount: textOf(act.amount),
      ...(act.later
        ? { executionDate: addDays(algiersDay(bank.clock.now()), 3) }
        : { expiresAt: new Date(bank.clock.now().getTime() + 3_600_000) }),
    },
    steps,
  );
  // What was turned away told the bus nothing: the next order of that name brings its own.
  if (isFirst && outcome.outcome !== 'DEBIT') behaviours.delete(reference);
  return outcome.outcome === 'DEBIT' ? outcome.debit.state : outcome.outcome;
}
