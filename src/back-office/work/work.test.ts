import { expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice } from '../../../test/back-office.ts';

const idOf = (number: number) => `01980000-0000-7000-8000-${String(number).padStart(12, '0')}`;

const addDead = (office: TestBackOffice, work: string, count: number) =>
  office.db.owner.query(
    `insert into job_failures (work, subject_id, failures, fault, failed_at, next_at, dead_at)
     select $1, id, 9, 'TypeError', clock_timestamp(), clock_timestamp(), clock_timestamp()
       from unnest($2::uuid[]) as row (id)`,
    [work, Array.from({ length: count }, (_, number) => idOf(number))],
  );

const told = async (office: TestBackOffice) =>
  (
    await office.db.owner.query(
      "select kind, subject_id, reason, side, actor from journal where kind = 'job.retried' order by entry_id",
    )
  ).rows;

test('what was given up is listed page by page and goes into a file whole; the overview counts it', async () => {
  await using office = await openTestBackOffice();
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get('/work')).body).toContain('Rien n’est abandonné');
  await addDead(office, 'statements', 60);
  const first = await auditor.get('/work');
  expect(first.body.match(/01980000-0000-7000-8000/g)).toHaveLength(50);
  const [, next = ''] = /href="(\/work\?after=[^"]+)"/.exec(first.body) ?? [];
  const second = await auditor.get(next);
  expect(second.body.match(/01980000-0000-7000-8000/g)).toHaveLength(10);
  const file = await auditor.get('/work/export');
  for (let number = 0; number < 60; number += 1) expect(file.body).toContain(idOf(number));
  expect((await auditor.get('/')).body).toContain('Travaux différés abandonnés');
  // They look: no button for them.
  expect(first.body).not.toContain('/work/statements/retry');
});

test('one is tried again, then all of its work, and the journal says who let it', async () => {
  await using office = await openTestBackOffice();
  await addDead(office, 'statements', 3);
  await addDead(office, 'webhooks', 1);
  const karim = await office.signIn('supervisor-karim');
  expect((await karim.send('/work/statements/retry', { subject: idOf(1) })).body).toContain('1 travail relancé');
  const retried = { kind: 'job.retried', reason: 'statements', side: 'bank', actor: 'supervisor-karim' };
  expect(await told(office)).toEqual([{ ...retried, subject_id: idOf(1) }]);
  const lina = await office.signIn('administrator-lina');
  expect((await lina.send('/work/statements/retry')).body).toContain('2 travaux relancés');
  expect((await lina.send('/work/statements/retry')).body).toContain('Plus rien à relancer');
  expect((await told(office)).slice(1)).toEqual([
    { ...retried, actor: 'administrator-lina', subject_id: idOf(0) },
    { ...retried, actor: 'administrator-lina', subject_id: idOf(2) },
  ]);
  const { rows } = await office.db.owner.query('select work from job_failures where dead_at is not null');
  expect(rows).toEqual([{ work: 'webhooks' }]);
  expect((await lina.get('/work/waiting')).body).toContain(idOf(2));
  for (const path of ['/work/nonsense/retry', '/work/statements/retry'])
    expect((await lina.post(path, { subject: 'x' })).status).toBe(404);
  const officer = await office.signIn('officer-nadia');
  expect((await officer.get('/work')).status).toBe(403);
  expect((await officer.post('/work/webhooks/retry')).status).toBe(403);
});
