import { expect, test } from 'vitest';
import { readSampleEmployers } from './sample-employers.ts';

test('every sample employer is read, each with a number and an account of its own', async () => {
  const employers = await readSampleEmployers();
  expect(employers).toHaveLength(36);
  expect(new Set(employers.map(({ employerNumber }) => employerNumber)).size).toBe(36);
  expect(new Set(employers.map(({ rib }) => rib)).size).toBe(36);
  expect(employers[0]).toMatchObject({ employerNumber: '0262992312', wilaya: 'Chlef', perDebitCeiling: 15000000n });
});
