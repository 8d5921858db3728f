import { expect, test } from 'vitest';
import { openBusGateway } from './bus-gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';
import { alarmsOf, askNow, storedOf, subjectOf } from './lying-bus.ts';

test('the bus contradicts a debit once, in the moment in which the database is away: alarmed of, not confirmed, and kept when it is back', async () => {
  await using opened = await openBusGateway({ GATEWAY_SWEEP_SECONDS: '0.05' });
  const { bank, simulator, employer } = opened;
  const { owner } = bank.db;
  // What a server that is stopping says, to whoever would keep an answer.
  await owner.query(
    `create function away() returns trigger language plpgsql as
     $$ begin raise exception 'terminating connection' using errcode = 'admin_shutdown'; end $$`,
  );
  const goAway = `create trigger away before insert on core_messages for each row when (new.direction = 'RECEIVED')
                  execute function away()`;
  const mandateId = await activeMandate(bank, employer);
  const creditor = bank.clientOf('cnas');
  const scene = { ...opened, mandateId, creditor };
  const lie = { do: 'answer-other', field: 'amount' } as const;
  const subject = subjectOf('OUTAGE', { message: 'pacs.003', behaviour: lie, taken: 'OTHER_AMOUNT' });
  await owner.query(goAway);
  simulator.administration.putRules({ lied: { when: { message: 'pacs.003' }, times: 1, behaviour: lie } });
  const reply = await creditor.put('/v1/debits/OUTAGE', orderOf(mandateId, employer, '1000.00', 'OUTAGE'));
  expect(reply.status).toBe(202);
  expect((await alarmsOf(scene)).quarantined.get('OTHER_AMOUNT')).toBe(1);
  expect(await storedOf(scene, subject)).toMatchObject({ signed: [], contradictions: [], differences: [] });

  await owner.query('drop trigger away on core_messages');
  // From now on the bus tells the truth, and the debit ends by it; what it said before waits for people all the same.
  await expect
    .poll(
      async () => {
        await askNow(scene, 'OUTAGE');
        return storedOf(scene, subject);
      },
      { timeout: 30_000, interval: 100 },
    )
    .toMatchObject({
      ...{ debit: 'SETTLED', signed: ['settlement-confirmation+jwt'] },
      ...{ contradictions: [{ kind: 'OTHER_AMOUNT' }], differences: ['OTHER_AMOUNT'] },
    });
  expect((await alarmsOf(scene)).quarantined.get('OTHER_AMOUNT')).toBe(1);
});
