import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { sealAll, tamper } from '../../../test/journal.ts';

const rowsOf = (body: string) => [...body.matchAll(/href="\/audit\/entries\/(\d+)"/g)].map(([, id]) => Number(id));

test('an auditor reads who did what, when and from where, by name; searches, opens a row, and takes the list out', async () => {
  await using office = await openTestBackOffice();
  const officer = await office.signIn('officer-nadia');
  const auditor = await office.signIn('auditor-yacine');
  await officer.get('/');
  const list = await auditor.get('/audit');
  expect(list.status).toBe(200);
  expect(list.body).toContain('Nadia Belkacem');
  expect(list.body).toContain('officer-nadia');
  expect(list.body).toContain('Connexion');
  const byName = await auditor.get('/audit?person=belkacem&kind=staff.signed-in');
  const found = rowsOf(byName.body);
  expect(found).toHaveLength(1);
  await sealAll(office.db);
  const row = await auditor.get(`/audit/entries/${found[0]}`);
  expect(row.body).toContain('Nadia Belkacem');
  expect(row.body).toContain('inchangée depuis son scellement');
  const file = await auditor.get('/audit/export?person=officer-nadia');
  expect(file.headers.get('content-type')).toContain('text/csv');
  expect(file.body).toContain('"staff.signed-in"');
  expect(file.body).not.toContain('Yacine Ferhat');
  const { rows } = await office.db.owner.query(
    `select actor, detail -> 'of' ->> 'person' as person from journal where kind = 'audit.exported'`,
  );
  expect(rows).toEqual([{ actor: 'auditor-yacine', person: 'officer-nadia' }]);
});

test('what is typed to look for somebody whom the journal does not know stays out of it when the list is taken out', async () => {
  await using office = await openTestBackOffice();
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get('/audit/export?person=Brahim%20Bensalem')).status).toBe(200);
  const { rows } = await office.db.owner.query(
    `select detail -> 'of' as of from journal where kind = 'audit.exported'`,
  );
  expect(rows).toEqual([{ of: { person: 'unknown' } }]);
});

test('whoever is no auditor reads their own acts, and none of others, whatever they ask for', async () => {
  await using office = await openTestBackOffice();
  const auditor = await office.signIn('auditor-yacine');
  for (const subject of ['officer-nadia', 'supervisor-karim', 'administrator-lina'] as const) {
    const person = await office.signIn(subject);
    const list = await person.get('/audit?person=auditor-yacine');
    expect(list.status).toBe(200);
    const own = rowsOf(list.body);
    expect(own.length).toBeGreaterThan(0);
    expect(list.body).not.toContain('Yacine Ferhat');
    const { rows } = await office.db.owner.query('select distinct actor, side from journal where entry_id = any ($1)', [
      own,
    ]);
    expect(rows).toEqual([{ actor: subject, side: 'bank' }]);
    const { rows: foreign } = await office.db.owner.query(
      `select max(entry_id)::int as id from journal where actor = 'auditor-yacine'`,
    );
    expect((await person.get(`/audit/entries/${foreign[0]?.id}`)).status).toBe(404);
    expect((await person.get(`/audit/entries/${own[0]}`)).status).toBe(200);
    expect((await person.get('/audit/export?person=auditor-yacine')).body).not.toContain('auditor-yacine');
  }
  expect(rowsOf((await auditor.get('/audit')).body).length).toBeGreaterThan(3);
  expect((await office.visitor().get('/audit')).status).toBe(303);
});

test('a row that was altered is shown as such, and a row that there is not is unknown', async () => {
  await using office = await openTestBackOffice();
  const auditor = await office.signIn('auditor-yacine');
  await sealAll(office.db);
  await tamper(office.db, `update journal set actor = 'somebody' where entry_id = 1`);
  expect((await auditor.get('/audit/entries/1')).body).toContain('ont été altérés');
  for (const id of ['999999', '0', '-1', 'x', '1e3', '99999999999999999999'])
    expect((await auditor.get(`/audit/entries/${id}`)).status, id).toBe(404);
});

test('filters that make no sense are said beside their fields, and a cursor of another reader begins the list anew', async () => {
  await using office = await openTestBackOffice();
  const auditor = await office.signIn('auditor-yacine');
  const faulty = await auditor.get('/audit?from=31/01/2026&to=x&subject=123&kind=mandate.unknown');
  expect(faulty.status).toBe(422);
  for (const field of ['from', 'to', 'subject', 'kind']) expect(faulty.body).toContain(`id="field-${field}-fault"`);
  expect((await auditor.get('/audit?from=2026-02-01&to=2026-01-01')).status).toBe(422);
  await office.db.owner.query(
    `insert into journal (kind, side, actor) select 'mandate.read', 'bank', 'officer-nadia' from generate_series(1, 120)`,
  );
  const first = await auditor.get('/audit');
  const [, after = ''] = /after=([A-Za-z0-9_-]+)/.exec(first.body) ?? [];
  const second = await auditor.get(`/audit?after=${after}`);
  const [one, two] = [rowsOf(first.body), rowsOf(second.body)];
  expect([one.length, two.length]).toEqual([50, 50]);
  expect(Math.max(...two)).toBe(Math.min(...one) - 1);
  const officer = await office.signIn('officer-nadia');
  expect(rowsOf((await officer.get(`/audit?after=${after}`)).body)).toHaveLength(50);
  expect(Math.max(...rowsOf((await officer.get(`/audit?after=${after}`)).body))).toBeGreaterThan(Math.max(...two));
  // The same place with other filters.
  expect(Math.max(...rowsOf((await auditor.get(`/audit?kind=mandate.read&after=${after}`)).body))).toBeGreaterThan(
    Math.max(...two),
  );
});

test('several people of one name are offered to choose from', async () => {
  await using office = await openTestBackOffice();
  const auditor = await office.signIn('auditor-yacine');
  await office.db.owner.query(
    `insert into staff_members values ('officer-1', 'Sara <b>Amrani</b>', now()), ('officer-2', 'Sara Ziani', now())`,
  );
  const asked = await auditor.get('/audit?person=sara');
  expect(asked.status).toBe(422);
  expect(asked.body).toContain('/audit?person=officer-1');
  expect(asked.body).toContain('Sara &lt;b&gt;Amrani&lt;/b&gt; (officer-1)');
  expect((await auditor.get('/audit?person=officer-1')).status).toBe(200);
});
