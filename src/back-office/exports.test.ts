import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../test/back-office.ts';
import { bankUnderWay } from '../../test/browser/bank-under-way.ts';

const linesOf = (body: string): string[] => body.trim().split('\r\n');

test('what waits for a second person is a file too, of one’s own agencies alone', async () => {
  await using office = await openTestBackOffice();
  const { active } = await bankUnderWay(office);
  const officer = await office.signIn('officer-nadia');
  const sent = await officer.post(`/mandates/${active}/suspension`, {
    reason: 'employer-request',
    remark: 'Asked by letter',
  });
  expect(sent.status).toBe(303);
  const all = await (await office.signIn('supervisor-karim')).get('/approvals/export');
  expect(all.headers.get('content-type')).toContain('text/csv');
  expect(linesOf(all.body)).toHaveLength(2);
  expect(linesOf(all.body)[1]).toContain(active);
  expect(all.body).not.toContain('Asked by letter');
  await office.db.owner.query(
    `update staff_sessions set sess = jsonb_set(sess::jsonb, '{staff,agencies}', '["99999"]')::json
      where subject = 'officer-nadia'`,
  );
  expect(linesOf((await officer.get('/approvals/export')).body)).toHaveLength(1);
});

test('the gateway’s own keys and certificates are a file too, without any secret', async () => {
  await using office = await openTestBackOffice();
  const { body } = await (await office.signIn('auditor-yacine')).get('/administration/keys/export');
  expect(linesOf(body).length).toBeGreaterThan(4);
  expect(body).not.toMatch(/PRIVATE|"d"/);
  expect((await (await office.signIn('officer-nadia')).get('/administration/keys/export')).status).toBe(403);
});
