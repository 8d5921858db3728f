import { expect, test } from 'vitest';
import { amountOf, must, openBank, type TestBankWithGateway } from '../../test/bank.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { type Dossier, openDossier } from './dossier.ts';

async function dossierOf(bank: TestBankWithGateway, mandateId: MandateId): Promise<Dossier> {
  return must(await openDossier(bank.db.gateway, mandateId, { agencies: 'ALL', now: bank.clock.now() }));
}

test('a month of the last year that would not fit the ceiling is told, with the largest debit of any month', async () => {
  await using bank = await openBank();
  const old = await bank.addMandate({ perDebit: '400000.00', perPeriod: '800000.00' });
  await bank.debit({ mandateId: old, amount: '300000.00' });
  await bank.debit({ mandateId: old, amount: '250000.00' });
  expect((await dossierOf(bank, old)).warnings).toEqual([]);
  await bank.db.owner.query("update mandates set state = 'REPLACED' where mandate_id = $1", [old]);
  const smaller = await bank.addMandate({ chainId: old, perDebit: '280000.00', perPeriod: '500000.00' });
  const month = `${algiersDay(bank.clock.now()).slice(0, 7)}-01`;
  expect((await dossierOf(bank, smaller)).warnings).toEqual([
    { warning: 'MONTH_OVER_CEILING', month, settled: amountOf('550000.00'), ceiling: amountOf('500000.00') },
    { warning: 'DEBIT_OVER_CEILING', largestDebit: amountOf('300000.00'), ceiling: amountOf('280000.00') },
  ]);
  // What has ended warns of nothing.
  expect((await dossierOf(bank, old)).warnings).toEqual([]);
});

test('a month longer ago than a year, and what was rejected, warn of nothing', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate({ perDebit: '300000.00', perPeriod: '300000.00' });
  await bank.debit({ mandateId, amount: '900000.00' });
  await bank.debit({ mandateId, amount: '300000.00' });
  await bank.db.owner.query(
    "update debits set reserved_on = reserved_on - 400, amount = amount * 5 where state = 'SETTLED'",
  );
  expect((await dossierOf(bank, mandateId)).warnings).toEqual([]);
});

test('a mandate that ends within thirty days is told, unless another is on its way', async () => {
  await using bank = await openBank();
  const today = algiersDay(bank.clock.now());
  const ending = await bank.addMandate({ validTo: addDays(today, 30) });
  const later = await bank.addMandate({ validTo: addDays(today, 31) });
  const last = await bank.addMandate({ validTo: today });
  expect((await dossierOf(bank, ending)).warnings).toEqual([
    { warning: 'ENDS_SOON', validTo: addDays(today, 30), days: 30 },
  ]);
  expect((await dossierOf(bank, later)).warnings).toEqual([]);
  expect((await dossierOf(bank, last)).warnings).toMatchObject([{ days: 0 }]);
  const next = await bank.addMandate({ chainId: ending, state: 'CERTIFIED' });
  const followed = await dossierOf(bank, ending);
  expect([followed.warnings, followed.successors]).toEqual([[], [{ mandateId: next, state: 'CERTIFIED' }]]);
});

test('what is used is the chain’s own counter of the period that runs, and nothing of one that is over', async () => {
  await using bank = await openBank();
  for (const period of ['MONTH', 'QUARTER', 'YEAR'] as const) {
    const mandateId = await bank.addMandate({ period });
    await bank.debit({ mandateId, amount: '125000.50' });
    expect((await dossierOf(bank, mandateId)).usage).toMatchObject({ period, used: amountOf('125000.50') });
    const unit = period.toLowerCase();
    await bank.db.owner.query(
      `update mandate_usage set ${unit}_start = (${unit}_start - interval '1 day')::date where chain_id = $1`,
      [mandateId],
    );
    expect((await dossierOf(bank, mandateId)).usage).toMatchObject({ period, used: 0n });
  }
});

test('staff of another agency have no dossier, as if there were no such mandate', async () => {
  await using bank = await openBank();
  const mandateId = await bank.addMandate();
  const agency = (await bank.debtorOf(mandateId)).slice(3, 8);
  const open = (agencies: string[]) => openDossier(bank.db.gateway, mandateId, { agencies, now: bank.clock.now() });
  expect(await open([agency])).toBeDefined();
  expect(await open(['99999'])).toBeUndefined();
  expect(await open([])).toBeUndefined();
});
