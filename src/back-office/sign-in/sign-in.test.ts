import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';

test('whoever has a role signs in through the identity provider, and is on the overview', async () => {
  await using bank = await openTestBackOffice();
  const nadia = await bank.signIn('officer-nadia');
  const seen = await nadia.get('/');
  expect(seen).toMatchObject({ status: 200 });
  expect(seen.body).toContain('Nadia Belkacem');
});
