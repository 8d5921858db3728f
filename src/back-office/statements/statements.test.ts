import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { sealAll } from '../../../test/journal.ts';
import { at, closeStatements, daysAgo, statementParts } from '../../../test/statements.ts';

test('whoever watches over the bank sees each day of a creditor and takes its files out; an officer does not', async () => {
  await using office = await openTestBackOffice();
  const yesterday = daysAgo(1);
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get('/statements')).body).toContain('Aucun relevé clos');
  // All that a test office has so far happened today: yesterday is an empty day.
  await office.db.owner.query('update creditors set registered_at = $1', [at(yesterday, '00:00:00.000')]);
  await office.db.owner.query('delete from statements');
  await sealAll(office.db);
  await closeStatements(statementParts(office));
  const page = await auditor.get('/statements?creditor=CNAS');
  expect(page.body).toContain(`/statements/CNAS/${yesterday}/csv`);
  expect(page.body).toContain('href="/statements?creditor=CACOBATPH"');
  const csv = await auditor.get(`/statements/CNAS/${yesterday}/csv`);
  expect([csv.status, csv.body.split('\r\n')[0]]).toEqual([200, expect.stringMatching(/^outcome,state,endToEndId,/)]);
  expect((await auditor.get(`/statements/CNAS/${yesterday}/camt054`)).body).toContain('<NbOfNtries>0</NbOfNtries>');
  expect(page.body).toContain('href="/statements/export?creditor=CNAS"');
  const figures = (await auditor.get('/statements/export?creditor=CNAS')).body.trim().split('\r\n');
  expect(figures).toHaveLength(2);
  expect(figures[1]).toMatch(new RegExp(`^"${yesterday}";"1";"0";"0,00"`));
  for (const path of [`CNAS/${yesterday}/pdf`, `CNAS/${daysAgo(2)}/csv`, `NOBODY/${yesterday}/csv`])
    expect((await auditor.get(`/statements/${path}`)).status).toBe(404);
  expect((await auditor.get('/statements?creditor=CNAS&after=forged')).status).toBe(200);
  const officer = await office.signIn('officer-nadia');
  expect((await officer.get('/statements')).status).toBe(403);
});
