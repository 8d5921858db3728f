import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice } from '../../test/back-office.ts';
import { must } from '../../test/bank.ts';
import { bankUnderWay, type UnderWay } from '../../test/browser/bank-under-way.ts';

/** More than any page shows, and than an export reads at once. */
const many = 1_100;

let office: TestBackOffice;
let bank: UnderWay;

beforeAll(async () => {
  office = await openTestBackOffice();
  bank = await bankUnderWay(office);
});
afterAll(() => office[Symbol.asyncDispose]());

const linesOf = (body: string): string[] => body.trim().split('\r\n');

/** The first cell of each line, without the headings. */
const firstCells = (body: string): string[] =>
  linesOf(body)
    .slice(1)
    .map((line) => must(/^"([^"]*)"/.exec(line)?.[1]));

const exportOf = (body: string): string => must(/href="([^"]*\/export[^"]*)"/.exec(body)?.[1]).replaceAll('&amp;', '&');

test("the creditors' lists are exported whole, or those of the one that was chosen, and a reference is no formula", async () => {
  await office.db.owner.query(
    `with asked as (
       insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body)
       select case when n <= 20 then 'CACOBATPH' else 'CNAS' end, 'whole-list-' || lpad(n::text, 8, '0'), 'key', 'PUT',
              '/v1/reconciliations/' || n, now(), now(), sha256(n::text::bytea), 'a.b.c', '' from generate_series(1, $1::int) n
       returning creditor_code, jti
     )
     insert into reconciliations (reconciliation_id, creditor_code, reference, first_day, last_day, media_type, request_jti,
       received_at, expected_lines, expected_amount)
     select gen_random_uuid(), creditor_code, '-' || substr(jti, 12), current_date + 1, current_date + 2, 'text/csv', jti,
            now(), 7, 123456 from asked`,
    [many],
  );
  const auditor = await office.signIn('auditor-yacine');
  const all = (await auditor.get(exportOf((await auditor.get('/reconciliations')).body))).body;
  const wanted = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => `'-${String(from + n).padStart(8, '0')}`);
  // One that the bank under way had already.
  expect(firstCells(all).toSorted()).toEqual([...wanted(1, many), 'YESTERDAY'].toSorted());
  expect(all).toContain('"7";"1234,56"');
  const page = await auditor.get('/reconciliations?creditor=CACOBATPH');
  expect(page.body).not.toContain('YESTERDAY');
  const file = await auditor.get(exportOf(page.body));
  expect(file.headers.get('content-disposition')).toContain('reconciliations-CACOBATPH.csv');
  expect(firstCells(file.body).toSorted()).toEqual(wanted(1, 20));
  expect((await (await office.signIn('officer-nadia')).get('/reconciliations/export')).status).toBe(403);
});

test("the comparisons with the core's books are exported whole, each once, and a name is no formula", async () => {
  await office.db.owner.query(
    `insert into book_comparisons (comparison_id, day, attempt, asked_by, compared_at, booked, booked_amount, foreign_ones, agreed,
       agreed_amount, differences)
     select gen_random_uuid(), date '2020-01-01' + n / 3, n % 3 + 1, case when n % 3 > 0 then '=HYPERLINK("x")' end, now(), 2, 300, 0, 2,
            300, 0
       from generate_series(0, $1::int - 1) n`,
    [many],
  );
  const auditor = await office.signIn('auditor-yacine');
  const { body } = await auditor.get(exportOf((await auditor.get('/books')).body));
  const { rows } = await office.db.owner.query<{ day: string; attempt: string }>(
    `select day::text, attempt::text from book_comparisons order by day desc, attempt desc`,
  );
  expect(rows.length).toBeGreaterThan(many);
  const told = linesOf(body).slice(1);
  expect(told.map((line) => line.split(';').slice(0, 2).join())).toEqual(
    rows.map(({ day, attempt }) => `"${day}","${attempt}"`),
  );
  expect(body).toContain(`"'=HYPERLINK(""x"")"`);
  expect(body).not.toContain('"=');
});

test('what one proposed is exported whole, and to nobody else', async () => {
  await office.db.owner.query(
    `insert into proposals (proposal_id, kind, subject_id, content, content_hash, reason, proposed_by, proposed_at, ends_at,
       state, decided_by, decided_at, decision_remark)
     select gen_random_uuid(), 'mandate.suspension', $2, '{"reason": "employer-request"}', repeat('0', 64), 'Asked', 'officer-nadia', now(),
            now() + interval '1 day', 'REFUSED', 'supervisor-karim', now(), '=1+1' from generate_series(1, $1::int)`,
    [many, bank.active],
  );
  const nadia = await office.signIn('officer-nadia');
  expect((await nadia.get('/approvals')).body).toContain('href="/approvals/own/export"');
  const { body } = await nadia.get('/approvals/own/export');
  expect(linesOf(body)).toHaveLength(1 + many);
  expect(linesOf(body)[1]).toContain(`"'=1+1"`);
  const amel = await office.signIn('officer-amel');
  expect(linesOf((await amel.get('/approvals/own/export')).body)).toHaveLength(1);
});

test('what stands stopped is exported whole', async () => {
  await office.db.owner.query(
    `insert into stops (stop_id, scope, creditor_code, mandate_id, chain_id, remark, stopped_by)
     select gen_random_uuid(), 'MANDATE', 'CNAS', $2, gen_random_uuid(), '@remark ' || n, 'somebody'
       from generate_series(1, $1::int) n`,
    [many, bank.draft],
  );
  const { body } = await (await office.signIn('auditor-yacine')).get('/stops/export');
  const remarks = new Set(linesOf(body).map((line) => /'@remark \d+/.exec(line)?.[0]));
  remarks.delete(undefined);
  expect(remarks.size).toBe(many);
});

test("a mandate's debits and a debit's messages are exported whole", async () => {
  const auditor = await office.signIn('auditor-yacine');
  const mandate = (await auditor.get(`/mandates/${bank.active}`)).body;
  expect(mandate).toContain(`href="/debits/export?mandate=${bank.active}"`);
  expect(linesOf((await auditor.get(`/debits/export?mandate=${bank.active}`)).body)).toHaveLength(3);
  expect(linesOf((await auditor.get(`/debits/export?mandate=${bank.draft}`)).body)).toHaveLength(1);

  const { rows } = await office.db.owner.query<{ debit_id: string }>(
    `with debit as (select debit_id, core_reference from debits where state = 'SETTLED'), sent as (
       insert into core_messages (message_id, direction, type, body, exchanged_at)
       select gen_random_uuid(), 'SENT', 'pacs.028.001.03', '<Document/>', now() from generate_series(1, $1::int)
       returning message_id
     ), about as (
       insert into core_message_references (message_id, reference) select message_id, core_reference from sent, debit
     )
     select debit_id from debit`,
    [many],
  );
  const path = `/debits/${must(rows[0]).debit_id}`;
  const file = await auditor.get(exportOf(must((await auditor.get(path)).body.split('Messages échangés')[1])));
  expect(file.headers.get('content-type')).toContain('text/csv');
  expect(linesOf(file.body).filter((line) => line.includes('"pacs.028.001.03"'))).toHaveLength(many);
});
