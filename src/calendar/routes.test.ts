import { expect, test } from 'vitest';
import { openTestGateway } from '../../test/gateway.ts';
import { addDays, algiersDay } from '../values/dates.ts';

test('a creditor sees the days of the bank, its feasts with their source, and whether the core is open', async () => {
  await using bank = await openTestGateway();
  const client = bank.clientOf('cnas');
  const { status, json } = await client.get('/v1/calendar?from=2027-04-29&days=4');
  expect(status).toBe(200);
  expect(json).toEqual({
    timeZone: 'Africa/Algiers',
    coreIsOpen: true,
    serverTime: expect.any(String),
    days: [
      { day: '2027-04-29', isBankingDay: true },
      { day: '2027-04-30', isBankingDay: false },
      {
        ...{ day: '2027-05-01', isBankingDay: false },
        feast: { nameFr: 'Fête du Travail', nameAr: 'عيد العمال', source: 'Loi 63-278 modifiée' },
      },
      { day: '2027-05-02', isBankingDay: true },
    ],
  });
  const today = (await client.get('/v1/calendar')).json;
  expect(today?.days).toHaveLength(61);
  expect(today?.days).toMatchObject({
    0: { day: algiersDay(new Date()) },
    60: { day: addDays(algiersDay(new Date()), 60) },
  });
  expect((await client.get('/v1/calendar?from=2027-02-30')).status).toBe(400);
  expect((await client.get('/v1/calendar?days=401')).status).toBe(400);
  expect(bank.breaches).toEqual([]);
});
