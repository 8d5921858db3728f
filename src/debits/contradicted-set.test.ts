import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { amountOf, openBank } from '../../test/bank.ts';
import { algiersDay } from '../values/dates.ts';
import { settleDebits } from './debits.sql.ts';

test('two rejected debits of one declaration that have moved all the same, met in one set, are both held again', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ balance: '0.00' });
  for (const endToEndId of ['A', 'B'])
    await bank.debit({ mandateId, endToEndId, declaration: 'D', declared: '1000.00', amount: '400.00' });
  const { rows } = await bank.db.owner.query('select debit_id from debits');
  const day = algiersDay(new Date());
  const outcomes = await settleDebits(
    bank.db.gateway,
    await Promise.all(
      rows.map(async ({ debit_id }, number) => ({
        debitId: debit_id,
        booking: {
          ...{ bookingReference: `B-${number}`, executedAt: new Date(), bookingDate: day, valueDate: day },
          amount: amountOf('400.00'),
        },
        confirmation: await bank.steps.sign({
          type: 'settlement-confirmation+jwt',
          ...{ jti: randomUUID(), audience: 'CNAS', issuedAt: new Date(), claims: {} },
        } as never),
      })),
    ),
  );
  expect(outcomes).toEqual(['CONTRADICTED', 'CONTRADICTED']);
  const { rows: held } = await bank.db.owner.query(
    'select live, contradicted, month_used, quarter_used, year_used from declarations, mandate_usage',
  );
  const used = { month_used: '80000', quarter_used: '80000', year_used: '80000' };
  expect(held).toEqual([{ live: '0', contradicted: '80000', ...used }]);
});
