import { decide } from '../../src/approvals/decide.ts';
import { lookUpProposal } from '../../src/approvals/look-up.ts';
import { cancel } from '../../src/debits/cancel.ts';
import { reversalWork } from '../../src/debits/resolve-reversal.ts';
import { debitWorks } from '../../src/debits/work.ts';
import { acceptMandate } from '../../src/mandates/accept.ts';
import type { WriteOutcome } from '../../src/mandates/creditor-write.ts';
import { expiryWork } from '../../src/mandates/expire.ts';
import { resumeForCreditor } from '../../src/mandates/resume.ts';
import { revokeForCreditor } from '../../src/mandates/revoke.ts';
import { suspendForCreditor } from '../../src/mandates/suspend.ts';
import { makeStop } from '../../src/stops/make-stop.ts';
import { applyStart, proposeStart } from '../../src/stops/start-again.ts';
import { addDays, algiersDay } from '../../src/values/dates.ts';
import { coreReferenceOf, parseEndToEndId, reversalReferenceOf } from '../../src/values/ids.ts';
import { cnas, must, requestFor } from '../bank.ts';
import { signedRequest } from '../mandates.ts';
import { reversalStateOf } from '../reversals.ts';
import { type Act, type Bus, declared } from './acts.ts';
import { addMandate, nameOf, type Replica, type Scene, textOf, wait } from './scene.ts';

type Asked<Name extends Act['act']> = Extract<Act, { act: Name }>;

/** Does it, by one of the replicas, and says what was answered: an outcome, or the state of what was asked for. */
export async function perform(scene: Scene, act: Act, at = 0): Promise<string> {
  const { bank } = scene;
  const replica = must(scene.replicas[at % scene.replicas.length]);
  const now = () => bank.clock.now();
  const desk = { pool: bank.db.gateway, now };
  const written = (last: Promise<WriteOutcome>) => last.then(({ outcome }) => outcome);
  const write = { mandateId: must(scene.mandates.at(-1)), request: signedRequest(now()), reason: undefined };
  switch (act.act) {
    case 'debit':
      return debit(scene, replica, act);
    case 'reverse':
      return reverse(scene, replica, act);
    case 'cancel': {
      const endToEndId = must(parseEndToEndId(nameOf(scene, act.name)));
      return (await cancel(replica.debits, cnas, endToEndId, requestFor({ creditor: cnas, endToEndId }, now())))
        .verdict;
    }
    case 'suspend':
      return written(suspendForCreditor(desk, write));
    case 'resume':
      return written(resumeForCreditor(desk, write));
    case 'revoke':
      return written(revokeForCreditor(desk, write));
    case 'replace':
      return replace(scene, act);
    case 'expire': {
      const work = expiryWork({ db: bank.db.gateway, now });
      await work.run(await work.due(1_000));
      return act.act;
    }
    case 'stop': {
      const what = { scope: 'MANDATE', creditor: cnas, mandateId: must(scene.mandates[0]) } as const;
      const made = await makeStop(bank.db.gateway, {
        what,
        remark: 'Test',
        by: 'karim',
        from: '192.0.2.7',
        now: now(),
      });
      return made.outcome;
    }
    case 'start':
      return start(scene);
    case 'resolve':
      await resolve(scene, replica);
      return act.act;
    case 'wait':
      await wait(scene, act.days);
      return act.act;
  }
}

async function debit(scene: Scene, replica: Replica, act: Asked<'debit'>): Promise<string> {
  const { bank, mandates } = scene;
  const endToEndId = nameOf(scene, act.name);
  const order = {
    mandateId: must(act.mandate === 'FIRST' ? mandates[0] : mandates.at(-1)),
    endToEndId,
    declaration: `R${scene.run}-D${act.declaration}`,
    declared: textOf(declared[act.declaration] ?? 0n),
    amount: textOf(act.amount),
    ...(act.later
      ? { executionDate: addDays(algiersDay(bank.clock.now()), 3) }
      : { expiresAt: new Date(bank.clock.now().getTime() + 3_600_000) }),
  };
  const outcome = await told(scene, coreReferenceOf(cnas, must(parseEndToEndId(endToEndId))), act.bus, async () => {
    const made = await bank.debit(order, replica.debits);
    return { made, isTaken: made.outcome === 'DEBIT' };
  });
  return outcome.outcome === 'DEBIT' ? outcome.debit.state : outcome.outcome;
}

async function reverse(
  scene: Scene,
  replica: Replica,
  { name, attempt, reason, bus }: Asked<'reverse'>,
): Promise<string> {
  const endToEndId = nameOf(scene, name);
  const reference = reversalReferenceOf(cnas, must(parseEndToEndId(endToEndId)), attempt);
  const outcome = await told(scene, reference, bus, async () => {
    const made = await scene.reversing.reverse({ endToEndId, attempt, reason }, replica.reversals);
    return { made, isTaken: made.outcome === 'REVERSAL' };
  });
  return reversalStateOf(outcome);
}

/** Tells the bus what to do with the reference's first copy, once. What was turned away has told it nothing. */
async function told<Made>(
  { behaviours }: Scene,
  reference: string,
  bus: Bus,
  ask: () => Promise<{ made: Made; isTaken: boolean }>,
): Promise<Made> {
  const isFirst = !behaviours.has(reference);
  if (isFirst) behaviours.set(reference, bus);
  const { made, isTaken } = await ask();
  if (isFirst && !isTaken) behaviours.delete(reference);
  return made;
}

async function replace(scene: Scene, { perDebit, perPeriod, period, beginsIn }: Asked<'replace'>): Promise<string> {
  const { bank, mandates } = scene;
  const now = () => bank.clock.now();
  const mandateId = await addMandate(scene, perDebit, perPeriod, {
    ...{ period, chainId: must(mandates[0]), replaces: must(mandates.at(-1)), state: 'CERTIFIED' },
    validFrom: addDays(algiersDay(now()), beginsIn),
  });
  scene.entered.push(mandateId);
  const write = { mandateId, request: signedRequest(now()), certificate: 'THIS' } as const;
  const { outcome } = await acceptMandate({ pool: bank.db.gateway, now }, write);
  if (outcome === 'WRITTEN') mandates.push(mandateId);
  return outcome;
}

/** Two people: one asks, the other approves. */
async function start({ bank, mandates }: Scene): Promise<string> {
  const { gateway } = bank.db;
  const { rows } = await bank.db.owner.query('select stop_id from stops where chain_id = $1 and ended_at is null', [
    mandates[0],
  ]);
  const [standing] = rows;
  if (standing === undefined) return 'NONE';
  const now = bank.clock.now();
  const asked = { stopId: standing.stop_id, reason: 'Solved', by: 'karim', from: '192.0.2.7', now };
  const proposed = await proposeStart(gateway, asked);
  if (!('proposalId' in proposed)) return proposed.outcome;
  const { proposalId } = proposed;
  const { contentHash: seenHash } = must(await lookUpProposal(gateway, proposalId, 'ALL'));
  const deciding = { proposalId, by: 'samia', from: '192.0.2.8', agencies: 'ALL', seenHash, now } as const;
  return (await decide(gateway, { ...deciding, decision: 'APPROVE' }, applyStart)).outcome;
}

/** What is due is done, one by one in the order of the names, so that the model can say which of two fits a ceiling. */
async function resolve({ bank, reversing, run }: Scene, replica: Replica): Promise<void> {
  await endLeases(bank, ['IN_DOUBT']);
  const { rows } = await bank.db.owner.query<{ id: string }>(
    `(select debit_id as id from debits where end_to_end_id like $1 order by end_to_end_id)
     union all
     (select reversal_id from reversals join debits using (debit_id) where end_to_end_id like $1 order by end_to_end_id)`,
    [`R${run}-%`],
  );
  const works = debitWorks(replica.debits, bank.running).filter(({ name }) => name !== 'names');
  for (const work of [...works, reversalWork(replica.reversals, reversing.running)]) {
    const due = new Set(await work.due(1_000));
    for (const { id } of rows.filter((row) => due.has(row.id)))
      for (const { fault } of await work.run([id])) throw fault;
  }
}

/** As if as much time had passed: what stands so may be taken up. */
async function endLeases({ db }: Scene['bank'], states: readonly string[]): Promise<void> {
  for (const table of ['debits', 'reversals'])
    await db.owner.query(
      `update ${table} set lease_until = clock_timestamp() - interval '1 s' where state = any ($1::text[])`,
      [states],
    );
}

/** Ends what was begun, nothing being under way: also what a stop has met between its request and its first send. */
export async function finish(scene: Scene): Promise<void> {
  await perform(scene, { act: 'start' });
  await endLeases(scene.bank, ['REQUESTED', 'ACCEPTED']);
  // What is sent only now may be met with silence once more: it is asked about, and sent or voided after that.
  for (let round = 0; round < 3; round += 1) await perform(scene, { act: 'resolve' });
}
