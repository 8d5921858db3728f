import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { decide } from '../../src/approvals/decide.ts';
import { insertReceivedMessage, insertSentMessage } from '../../src/core-banking/iso20022/messages.sql.ts';
import { ledgerCoreBanking } from '../../src/core-banking/ledger.ts';
import { beginEpoch } from '../../src/journal/sealer.ts';
import { bookWork } from '../../src/statements/compare-books.ts';
import { reconciliationWork } from '../../src/statements/match.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../../src/values/dates.ts';
import { parseCoreReference, uuidV7 } from '../../src/values/ids.ts';
import { applyWebhook, proposeWebhook } from '../../src/webhooks/register.ts';
import { selectWebhooks } from '../../src/webhooks/webhooks.sql.ts';
import type { TestBackOffice } from '../back-office.ts';
import { cnas, must } from '../bank.ts';
import { sealAll } from '../journal.ts';
import { closeStatements, statementParts } from '../statements.ts';
import { bankUnderWay, debitOf, type UnderWay } from './bank-under-way.ts';

/**
 * What a bank has after a week besides: a debit that waits for its day and one that was withdrawn; a webhook with pushes of each outcome; a debit that was given back, with messages
 * of a bus; a day whose statement is closed, with the creditor's own list and the core's books beside it; and a database
 * that was put back to an earlier time, which holds all debits.
 */
export async function bankOfAWeek(office: TestBackOffice): Promise<UnderWay> {
  const underWay = await bankUnderWay(office);
  await waitingAndWithdrawn(office, underWay);
  await webhook(office);
  await givenBack(office, underWay);
  await pushes(office);
  await otherAddress(office);
  await dayClosed(office);
  await restored(office);
  return underWay;
}

/** Two that were asked for a later day; the second is cancelled before it. */
async function waitingAndWithdrawn(office: TestBackOffice, { active }: UnderWay): Promise<void> {
  const executionDate = addDays(algiersDay(office.desk.now()), 7);
  for (const name of ['LATER', 'WITHDRAWN']) await debitOf(office, active, name, '3000.00', 202, { executionDate });
  const { status } = await office.clientOf('cnas').put('/v1/debits/DEBIT-WITHDRAWN/cancellation', {});
  expect([200, 201]).toContain(status);
}

const askFor = async ({ clientOf, certificates }: TestBackOffice, url: string): Promise<void> => {
  const certificateAuthorities = await readFile(path.join(certificates, 'ca.pem'), 'utf8');
  await clientOf('cnas').put('/v1/webhook', { active: true, url, certificateAuthorities });
};

/** Asked for, and registered by two people. Nothing leaves: an address of the host itself is not pushed to. */
async function webhook(office: TestBackOffice): Promise<void> {
  const { db, desk } = office;
  await askFor(office, 'https://localhost:9/events');
  const asked = must((await selectWebhooks(db.gateway, cnas)).asked);
  const asking = { reason: 'Asked by telephone', by: 'administrator-lina', from: '192.0.2.7', now: desk.now() };
  const { proposalId } = await proposeWebhook(db.gateway, asked, asking);
  const { rows } = await db.owner.query('select content_hash from proposals where proposal_id = $1', [proposalId]);
  const deciding = {
    proposalId,
    by: 'administrator-omar',
    from: '192.0.2.8',
    agencies: 'ALL',
    now: desk.now(),
  } as const;
  const seenHash = String(rows[0]?.content_hash);
  const decided = await decide(db.gateway, { ...deciding, seenHash, decision: 'APPROVE' }, applyWebhook);
  expect(decided.outcome).toBe('DECIDED');
}

/** The creditor asks for another, which waits for two people. */
const otherAddress = (office: TestBackOffice): Promise<void> => askFor(office, 'https://events.cnas.example/debits');

/** A debit that settled and was given back; and what a bus would have said about it, of which one answer contradicts. */
async function givenBack(office: TestBackOffice, { active }: UnderWay): Promise<void> {
  const { db, clientOf } = office;
  await debitOf(office, active, 'BACK', '2500.00', 201);
  const reversal = await clientOf('cnas').put('/v1/debits/DEBIT-BACK/reversal', {
    attempt: 1,
    reason: 'declaration-corrected',
  });
  expect(reversal.status).toBe(201);
  const { rows } = await db.owner.query<{ core_reference: string }>(
    "select core_reference from debits where end_to_end_id = 'DEBIT-BACK'",
  );
  const reference = must(parseCoreReference(rows[0]?.core_reference ?? ''));
  const exchange = async (type: string, answer: string | undefined, differs: boolean) => {
    const [messageId, answers] = [uuidV7(new Date()), uuidV7(new Date())];
    const body = Buffer.from('<Document/>');
    await insertSentMessage(db.gateway, {
      ...{ messageId, type, body },
      subjects: [{ reference, instruction: undefined }],
    });
    await insertReceivedMessage(db.gateway, {
      ...{ messageId: answers, answers: messageId, type: answer },
      outcome: answer === undefined ? 'TIMED_OUT' : 'ANSWERED',
      httpStatus: answer === undefined ? undefined : 200,
      body: answer === undefined ? undefined : body,
      differences: differs
        ? [
            {
              reference,
              difference: 'OTHER_AMOUNT',
              bookingReference: undefined,
              amount: undefined,
              executedAt: undefined,
            },
          ]
        : [],
    });
  };
  await exchange('pacs.003.001.08', undefined, false);
  await exchange('pacs.028.001.03', 'pacs.002.001.10', true);
  await exchange('pacs.028.001.03', 'pacs.002.001.10', false);
}

/** Of the events since then one push was received and one given up; the others are tried again. */
async function pushes({ db }: TestBackOffice): Promise<void> {
  const waiting = async () =>
    (await db.owner.query('select delivery_id from event_deliveries order by epoch, sequence')).rows;
  await vi.waitUntil(async () => (await waiting()).length > 2, { timeout: 20_000 });
  const ids = (await waiting()).map(({ delivery_id }) => delivery_id);
  await db.owner.query(
    `update event_deliveries d set state = ended.state, answer = ended.answer, attempts = ended.attempts,
            ended_at = clock_timestamp(), tried_at = clock_timestamp(), leased_until = null
       from (values ($1::uuid, 'DELIVERED', '204', 1), ($2::uuid, 'DEAD', 'timeout', 12)) as ended (id, state, answer, attempts)
      where delivery_id = ended.id`,
    ids.slice(0, 2),
  );
}

/** As the night that follows closes the day: its statement, what the creditor expected of it, and the core's own books. */
async function dayClosed(office: TestBackOffice): Promise<void> {
  const { db, desk, clientOf } = office;
  const today = algiersDay(desk.now());
  const lines = [
    { endToEndId: 'DEBIT-PAID', amount: '100000.00', currency: 'DZD' },
    { endToEndId: 'DEBIT-LOST', amount: '1.00', currency: 'DZD' },
  ];
  await clientOf('cnas').put('/v1/reconciliations/WEEK', { date: today, lines });
  await sealAll(db);
  const now = () => new Date(startOfAlgiersDay(addDays(today, 1)).getTime() + 4 * 3_600_000);
  const parts = { ...statementParts(office), now };
  await closeStatements(parts);
  const { movements } = ledgerCoreBanking(db.ledger);
  for (const work of [reconciliationWork(parts), bookWork({ db: db.gateway, now, movements })])
    for (const { fault } of await work.run(await work.due(10))) throw fault;
}

/** By hand, as after a copy of the data folder was put back; the gateway's sealer gives way where its lease is taken. */
async function restored({ db }: TestBackOffice): Promise<void> {
  const begin = async () => {
    await db.owner.query('update journal_sealer set lease_until = null, holder = null');
    return beginEpoch(db.gateway, 'operator-farid');
  };
  await vi.waitUntil(async () => (await begin()) !== undefined, { timeout: 20_000 });
}
