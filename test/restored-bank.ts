import { expect } from 'vitest';
import { decide } from '../src/approvals/decide.ts';
import { lookUpProposal } from '../src/approvals/look-up.ts';
import { readMissedMovements } from '../src/debits/restore.ts';
import { debitWorks } from '../src/debits/work.ts';
import { runWork } from '../src/jobs/run-work.ts';
import { makeStop } from '../src/stops/make-stop.ts';
import { applyStart, proposeStart } from '../src/stops/start-again.ts';
import type { StopId, Unaccounted } from '../src/stops/stop.ts';
import { coreReferenceOf, type MandateId, parseEndToEndId, reversalReferenceOf } from '../src/values/ids.ts';
import type { Rib } from '../src/values/rib.ts';
import { amountOf, cnas, must, type TestBankWithGateway } from './bank.ts';

/*
 * A bank whose database was put back to an earlier time, as the sealer leaves it: a stop of all, and movements to be
 * read. What happened in the lost time is what the core alone knows.
 */

/** Its rows, as the owner sees them. */
export const rowsOf = async (bank: TestBankWithGateway, sql: string, values: unknown[] = []) =>
  (await bank.db.owner.query(sql, values)).rows;

async function collectionOf(bank: TestBankWithGateway): Promise<Rib> {
  const [row] = await rowsOf(bank, "select collection_account as rib from creditors where creditor_code = 'CNAS'");
  return row.rib;
}

/** In the lost time that debit moved: the core knows it, and no row here does. */
export async function moveUnknown(
  bank: TestBankWithGateway,
  mandateId: MandateId,
  endToEndId: string,
  amount = '1000.00',
  creditor?: Rib,
): Promise<void> {
  const [moved] = await bank.core.debit([
    {
      reference: coreReferenceOf(cnas, must(parseEndToEndId(endToEndId))),
      debtor: await bank.debtorOf(mandateId),
      creditor: creditor ?? (await collectionOf(bank)),
      amount: amountOf(amount),
      notBefore: bank.clock.now(),
      notAfter: new Date(bank.clock.now().getTime() + 60_000),
    },
  ]);
  expect(moved?.outcome).toBe('MOVED');
}

/** In the lost time that debit was given back, by that try. */
export async function moveBackUnknown(
  bank: TestBankWithGateway,
  mandateId: MandateId,
  name: string,
  attempt: number,
): Promise<void> {
  const endToEndId = must(parseEndToEndId(name));
  const [moved] = await bank.core.reverse([
    {
      reference: reversalReferenceOf(cnas, endToEndId, attempt),
      original: coreReferenceOf(cnas, endToEndId),
      debtor: await bank.debtorOf(mandateId),
      creditor: await collectionOf(bank),
      amount: amountOf('1000.00'),
      notBefore: bank.clock.now(),
      notAfter: new Date(bank.clock.now().getTime() + 60_000),
    },
  ]);
  expect(moved?.outcome).toBe('MOVED');
}

/** Put back, an hour ago at most, and the core's movements read. Answers the stop. */
export async function putBack(bank: TestBankWithGateway, { settleSeconds = 0 } = {}): Promise<StopId> {
  const now = new Date();
  const made = await makeStop(bank.db.gateway, {
    ...{ what: { scope: 'ALL' as const }, remark: 'epoch 2', by: 'gateway', from: 'test', now },
  });
  const { stopId } = made.outcome === 'STOPPED' ? made.stop : expect.fail(made.outcome);
  await bank.db.owner.query(
    `insert into restores (epoch, known_until, began_at, stop_id)
     values (2, clock_timestamp() - interval '1 hour', clock_timestamp(), $1)`,
    [stopId],
  );
  await readMovements(bank, settleSeconds);
  return stopId;
}

export const readMovements = (bank: TestBankWithGateway, settleSeconds = 0): Promise<number> =>
  readMissedMovements({ db: bank.db.gateway, steps: bank.steps, movements: bank.core.movements, settleSeconds });

/**
 * Two people start again, and name what is unaccounted for; the movements are read once more between them, unless the
 * core does not answer. Answers how that ended.
 */
export async function startAgain(
  bank: TestBankWithGateway,
  stopId: StopId,
  despite?: Unaccounted,
  readBetween: () => Promise<unknown> = () => readMovements(bank),
): Promise<string> {
  const now = new Date();
  const asked = await proposeStart(bank.db.gateway, {
    ...{ stopId, reason: 'Compared', by: 'karim', from: 'test', now, despite },
  });
  if (!('proposalId' in asked)) return asked.outcome;
  const { proposalId } = asked;
  await readBetween();
  const { contentHash: seenHash } = must(await lookUpProposal(bank.db.gateway, proposalId, 'ALL'));
  const deciding = { proposalId, by: 'samia', from: 'test', agencies: 'ALL' as const, seenHash, now };
  const decided = await decide(bank.db.gateway, { ...deciding, decision: 'APPROVE' }, applyStart);
  return decided.outcome === 'IMPOSSIBLE' ? decided.why : decided.outcome;
}

/** A round of all that is due for debits. */
export async function workRound(bank: TestBankWithGateway): Promise<void> {
  for (const work of debitWorks(bank.steps, new Map()))
    await runWork(work, await work.due(64), {
      db: bank.db.gateway,
      onFault: (name, fault) => expect.fail(`${name}: ${fault}`),
    });
}

/** Asks, with rounds of work meanwhile, until there is an answer. */
export async function askThrough<Outcome>(bank: TestBankWithGateway, asked: Promise<Outcome>): Promise<Outcome> {
  let waits = true;
  const done = asked.finally(() => {
    waits = false;
  });
  done.catch(() => undefined);
  while (waits) {
    await workRound(bank);
    await new Promise((next) => setTimeout(next, 25));
  }
  return done;
}
