import { expect, test } from 'vitest';
import { cnas } from '../../test/bank.ts';
import { openWebhookBank, subjects, type WebhookBank } from '../../test/webhook-bank.ts';
import { status } from '../../test/webhook-receiver.ts';
import { runWork } from '../jobs/run-work.ts';

const [one = '', other = ''] = subjects(2);

/** A bank whose signer can be away for the pushes of some events. */
async function openFaultyBank() {
  const away = new Set<unknown>();
  const bank = await openWebhookBank({
    wrapSign: (sign) => async (request) => {
      if (away.has(request.claims.sequence)) throw new Error('the signer is away');
      return sign(request);
    },
  });
  return { bank, away };
}

const run = async ({ db, works: [work] }: WebhookBank) =>
  runWork(work, await work.due(64), { db: db.gateway, onFault: () => undefined });

/** Leases, and what a failure waits for, are over. */
async function whenOver({ db }: WebhookBank): Promise<void> {
  await db.owner.query(`update event_deliveries set leased_until = null where state = 'WAITING'`);
  await db.owner.query(`update job_failures set next_at = clock_timestamp()`);
}

const standing = async ({ db }: WebhookBank) =>
  (
    await db.owner.query(
      `select sequence::int, attempts, first_at is null as fresh, failures, fault
         from event_deliveries left join job_failures on work = 'webhooks' and subject_id = delivery_id
        where state = 'WAITING' order by sequence`,
    )
  ).rows;

test('a push that we could not sign was none: its receiver is not held to it, and it is tried again ever later', async () => {
  const { bank: opened, away } = await openFaultyBank();
  await using bank = opened;
  const receiver = await bank.receiving(cnas);
  away.add(3);
  await bank.happen(cnas, one, other);
  expect(await run(bank)).toMatchObject({ well: 1, failed: 1 });
  expect(receiver.pushed.map(({ claims }) => claims.sequence)).toEqual([4]);
  expect(await standing(bank)).toEqual([{ sequence: 3, attempts: 0, fresh: true, failures: 1, fault: 'Error' }]);
  await bank.db.owner.query(`update event_deliveries set leased_until = null`);
  expect(await bank.works[0].due(64)).toEqual([]);
  await whenOver(bank);
  expect(await run(bank)).toMatchObject({ failed: 1 });
  expect(await standing(bank)).toMatchObject([{ attempts: 0, failures: 2 }]);
  away.clear();
  receiver.answerWith(status(503));
  await whenOver(bank);
  expect(await run(bank)).toMatchObject({ well: 1, failed: 0 });
  expect(receiver.pushed.at(-1)?.claims).toMatchObject({ sequence: 3, attempt: 1 });
  expect(await standing(bank)).toMatchObject([{ attempts: 1, failures: null }]);
  const { rows } = await bank.db.owner.query<{ soon: boolean }>(
    `select next_at < tried_at + interval '15 seconds' as soon from event_deliveries where state = 'WAITING'`,
  );
  // Its first wait, not that of a fourth push.
  expect(rows).toEqual([{ soon: true }]);
});

test('what we could not sign and its creditor has read meanwhile is no failure any more, also where it was dead', async () => {
  const { bank: opened, away } = await openFaultyBank();
  await using bank = opened;
  const _receiver = await bank.receiving(cnas);
  away.add(3);
  await bank.happen(cnas, one);
  await run(bank);
  await bank.db.owner.query(`update job_failures set failures = 9, dead_at = clock_timestamp()`);
  await bank.leasesEnd();
  await bank.readTo(cnas, 3);
  expect(await bank.works[0].due(64)).toEqual([]);
  expect((await bank.db.owner.query('select from job_failures')).rowCount).toBe(0);
  expect((await bank.deliveries(cnas)).at(-1)).toBe('1/3 READ 0 -');
});
