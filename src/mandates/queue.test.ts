import { expect, test } from 'vitest';
import { hidhab, morning, officer, openMandateBank, supervisor } from '../../test/mandates.ts';
import { enterMandate } from './enter.ts';
import { countQueue, listQueue, type Queue, type QueueFilter } from './queue.sql.ts';
import { refuseMandate } from './refuse.ts';
import { sendMandateBack } from './send-back.ts';

type Bank = Awaited<ReturnType<typeof openMandateBank>>;
const at = (minutes: number) => new Date(morning.getTime() + minutes * 60_000);

async function list(bank: Bank, queue: Queue, filter: Partial<QueueFilter> = {}) {
  const asked = { queue, agencies: 'ALL' as const, creditor: undefined, notMadeBy: undefined, now: bank.desk.now() };
  const found = await listQueue(bank.pool, { ...asked, ...filter, after: undefined, limit: 10 });
  return found.map(({ mandate }) => mandate.mandateId);
}

test('each request stands in the one queue of what is to be done next; what waits longest comes first', async () => {
  await using bank = await openMandateBank();
  const ids = [];
  for (let minute = 0; minute < 5; minute += 1) {
    bank.setNow(at(minute));
    ids.push(await bank.enter());
  }
  const [draft, other, sentBack, refused, waiting] = ids;
  if (!draft || !other || !sentBack || !refused || !waiting) throw new Error('five were entered');
  for (const [minute, mandateId] of [waiting, sentBack, refused, other].entries()) {
    bank.setNow(at(10 + minute));
    await bank.submit(mandateId);
  }
  const act = { by: supervisor, from: '192.0.2.7', remark: 'No signature' };
  await sendMandateBack(bank.desk, { ...act, mandateId: sentBack });
  await refuseMandate(bank.desk, { ...act, mandateId: refused });
  expect(await list(bank, 'drafts')).toEqual([draft]);
  expect(await list(bank, 'sent-back')).toEqual([sentBack]);
  expect(await list(bank, 'refused')).toEqual([refused]);
  expect(await list(bank, 'waiting')).toEqual([waiting, other]);
  expect(await list(bank, 'waiting', { notMadeBy: officer })).toEqual([]);
  expect(await list(bank, 'waiting', { notMadeBy: supervisor })).toEqual([waiting, other]);
  const counts = (me: string) => countQueue(bank.pool, { agencies: 'ALL', me, now: bank.desk.now() });
  expect(await counts(officer)).toMatchObject({ drafts: 1, sentBack: 1, waiting: 2, waitingForMe: 0 });
  expect(await counts(supervisor)).toMatchObject({ waitingForMe: 2, waitingSince: at(10) });
  const page = { queue: 'waiting', agencies: 'ALL', creditor: undefined, notMadeBy: undefined, now: at(20) } as const;
  const after = { since: at(10), mandateId: waiting };
  const next = await listQueue(bank.pool, { ...page, after, limit: 10 });
  expect(next.map(({ mandate }) => mandate.mandateId)).toEqual([other]);
});

test('staff find the requests of their own agencies only, and nothing that has waited for thirty days', async () => {
  await using bank = await openMandateBank();
  const mine = await bank.enter();
  const typed = { ...hidhab, rib: '00500120400170002194' };
  await enterMandate(bank.desk, { typed, by: officer, from: '192.0.2.7' });
  expect(await list(bank, 'drafts', { agencies: ['00102'] })).toEqual([mine]);
  expect(await list(bank, 'drafts', { agencies: [] })).toEqual([]);
  expect(await countQueue(bank.pool, { agencies: ['00102'], me: officer, now: morning })).toMatchObject({ drafts: 1 });
  bank.setNow(new Date(morning.getTime() + 31 * 86_400_000));
  expect(await list(bank, 'drafts')).toEqual([]);
});

test('an account of another agency can’t be entered, since whoever entered it would not see it', async () => {
  await using bank = await openMandateBank();
  const entered = await enterMandate(bank.desk, { typed: hidhab, by: officer, from: '192.0.2.7', agencies: ['00120'] });
  expect(entered).toMatchObject({ outcome: 'FAULTS', faults: [{ field: 'rib', code: 'other-agency' }] });
});
