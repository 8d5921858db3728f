import { expect, test } from 'vitest';
import type { OtherField } from '../src/core-bank-simulator/behaviour.ts';
import type { CoreDifference } from '../src/core-banking/port.ts';
import { openBusGateway } from './bus-gateway.ts';
import { activeMandate, orderOf } from './gateway-mandates.ts';
import { askNow, storedOf, subjectOf } from './lying-bus.ts';

const told: readonly [OtherField, CoreDifference][] = [
  ['amount', 'OTHER_AMOUNT'],
  ['currency', 'OTHER_CURRENCY'],
  ['debtor', 'OTHER_ACCOUNT'],
  ['creditor', 'OTHER_ACCOUNT'],
  ['executedAt', 'OTHER_TIME'],
];

test('an answer about a debit of which no message is kept, as after a restore, is held against its own row', async () => {
  await using opened = await openBusGateway({ GATEWAY_SWEEP_SECONDS: '0.05' });
  const { bank, simulator, employer } = opened;
  const { administration } = simulator;
  const mandateId = await activeMandate(bank, employer);
  const creditor = bank.clientOf('cnas');
  const scene = { ...opened, mandateId, creditor };
  const lost = { do: 'reset', processed: true } as const;
  for (const [field, difference] of told) {
    const name = `RESTORED-${field}`;
    const subject = subjectOf(name, { message: 'pacs.003', behaviour: lost, taken: 'SILENCE' });
    const reference = subject.debit;
    const asked = () =>
      expect.poll(
        async () => {
          await askNow(scene, name);
          return storedOf(scene, subject);
        },
        { timeout: 20_000, interval: 100 },
      );
    administration.putRules({
      sent: { when: { message: 'pacs.003', reference }, behaviour: lost },
      asked: { when: { message: 'pacs.028', reference }, behaviour: { do: 'reset', processed: false } },
    });
    expect((await creditor.put(`/v1/debits/${name}`, orderOf(mandateId, employer, '1000.00', name))).status).toBe(202);
    // As in a backup that was taken before it was sent.
    await bank.db.owner.query(`alter table core_message_references disable trigger user`);
    await bank.db.owner.query('delete from core_message_references where reference = $1', [reference]);
    administration.putRules({
      lied: { when: { message: 'pacs.028', reference }, behaviour: { do: 'answer-other', field } },
    });
    await asked().toMatchObject({ debit: 'IN_DOUBT', signed: [], contradictions: [{ kind: difference }] });
    administration.clearRules();
    await asked().toMatchObject({ debit: 'SETTLED', signed: ['settlement-confirmation+jwt'] });
  }
});
