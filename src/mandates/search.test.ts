import { expect, test } from 'vitest';
import { cacobatph, cnas, must } from '../../test/bank.ts';
import { hidhab, type MandateBank, morning, openMandateBank } from '../../test/mandates.ts';
import { type MandateId, parseEmployerNumber } from '../values/ids.ts';
import { parseRib, ribOf } from '../values/rib.ts';
import { type MandateSearch, searchMandates, selectMandateOnAccount } from './search.ts';

const inOran = must(ribOf('005', '00103', '0000000001'));

async function found(bank: MandateBank, search: Partial<MandateSearch>, now = morning): Promise<MandateId[]> {
  const list = await searchMandates(bank.pool, { agencies: 'ALL', ...search }, { before: undefined, limit: 50, now });
  return list.map(({ mandate }) => mandate.mandateId);
}

test('mandates are found by employer, name, account, creditor and state, newest first', async () => {
  await using bank = await openMandateBank();
  const draft = await bank.enter();
  bank.setNow(new Date(morning.getTime() + 60_000));
  const certified = await bank.certified();
  bank.setNow(new Date(morning.getTime() + 120_000));
  const other = await bank.enter({
    creditor: 'CACOBATPH',
    employerNumber: '0312345678',
    rib: inOran,
    nameFr: 'Zénith Oran',
  });
  expect(await found(bank, {})).toEqual([other, certified, draft]);
  expect(await found(bank, { employerNumber: must(parseEmployerNumber('0312345678')) })).toEqual([other]);
  expect(await found(bank, { name: 'zenith' })).toEqual([other]);
  expect(await found(bank, { name: 'constr hidhab' })).toEqual([certified, draft]);
  expect(await found(bank, { creditor: cnas })).toEqual([certified, draft]);
  expect(await found(bank, { creditor: cacobatph, name: 'hidhab' })).toEqual([]);
  expect(await found(bank, { state: 'DRAFT' })).toEqual([other, draft]);
  expect(await found(bank, { state: 'CERTIFIED', name: 'hidhab' })).toEqual([certified]);
  const account = must(await selectMandateOnAccount(bank.pool, must(parseRib(hidhab.rib)), 'ALL'));
  expect(await found(bank, { accountOf: account })).toEqual([certified, draft]);
});

test('a state is found as it holds today, also where the job has not written it down', async () => {
  await using bank = await openMandateBank();
  const draft = await bank.enter();
  const certified = await bank.certified();
  const nextYear = new Date('2027-01-01T00:00:00Z');
  expect(await found(bank, { state: 'EXPIRED' })).toEqual([]);
  expect((await found(bank, { state: 'EXPIRED' }, nextYear)).toSorted()).toEqual([certified, draft].toSorted());
  expect(await found(bank, { state: 'CERTIFIED' }, nextYear)).toEqual([]);
  expect(await found(bank, { state: 'DRAFT', agencies: ['00102'] }, nextYear)).toEqual([]);
  expect((await found(bank, { state: 'EXPIRED', agencies: ['00102', '00103'] }, nextYear)).length).toBe(2);
});

test('staff find the employers of their agencies and no others, by whatever they search', async () => {
  await using bank = await openMandateBank();
  const mine = await bank.enter();
  const foreign = await bank.enter({ rib: inOran, nameFr: 'Hidhab Oran' });
  const agencies = ['00102', '00999'];
  expect(await found(bank, { agencies })).toEqual([mine]);
  expect(await found(bank, { agencies, name: 'hidhab' })).toEqual([mine]);
  expect(await found(bank, { agencies, state: 'DRAFT' })).toEqual([mine]);
  expect(await found(bank, { agencies, accountOf: foreign })).toEqual([]);
  expect(await found(bank, { agencies: [] })).toEqual([]);
  expect(await selectMandateOnAccount(bank.pool, inOran, agencies)).toBeUndefined();
});

test('a page begins after the last one of the page before, over several agencies too', async () => {
  await using bank = await openMandateBank();
  const ids: MandateId[] = [];
  for (let minute = 0; minute < 5; minute += 1) {
    bank.setNow(new Date(morning.getTime() + minute * 60_000));
    ids.unshift(await bank.enter(minute % 2 === 0 ? {} : { rib: inOran }));
  }
  const page = async (before: MandateId | undefined) =>
    (await searchMandates(bank.pool, { agencies: ['00102', '00103'] }, { before, limit: 2, now: morning })).map(
      ({ mandate }) => mandate.mandateId,
    );
  expect(await page(undefined)).toEqual(ids.slice(0, 2));
  expect(await page(ids[1])).toEqual(ids.slice(2, 4));
  expect(await page(ids[3])).toEqual(ids.slice(4));
});
