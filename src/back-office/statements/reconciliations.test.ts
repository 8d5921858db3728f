import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { must } from '../../../test/bank.ts';
import { sealAll } from '../../../test/journal.ts';
import { at, closeStatements, daysAgo, listIsAsked, statementParts } from '../../../test/statements.ts';
import { bookWork } from '../../statements/compare-books.ts';
import { listReconciliations } from '../../statements/look-up.ts';
import { reconciliationWork } from '../../statements/match.ts';
import { parseAmount } from '../../values/centimes.ts';
import { coreReferenceOf, parseCreditorCode, parseEndToEndId } from '../../values/ids.ts';
import { parseRib } from '../../values/rib.ts';

const yesterday = daysAgo(1);

/** The tests do its work themselves, with books of their own: the gateway looks again when they are over. */
const untouched = { GATEWAY_SWEEP_SECONDS: '59' };

test("a creditor's list is shown with its figures and its lines by outcome, and taken out as a file", async () => {
  await using office = await openTestBackOffice(untouched);
  const supervisor = await office.signIn('supervisor-karim');
  expect((await supervisor.get('/reconciliations')).body).toContain('Aucun créancier');
  await office.db.owner.query('update creditors set registered_at = $1', [at(yesterday, '00:00:00.000')]);
  await office.db.owner.query('delete from statements');
  const lines = Array.from({ length: 60 }, (_, n) => `L-${100 + n},1.00,DZD\n`).join('');
  const list = `date,${yesterday}\nendToEndId,amount,currency\n${lines}`;
  await listIsAsked(office.db, { day: yesterday, list, lines: 60, amount: 6_000 });
  const [asked] = await listReconciliations(office.db.gateway, { creditor: undefined, before: undefined, limit: 1 });
  const path = `/reconciliations/${must(asked).reconciliationId}`;
  expect((await supervisor.get(path)).body).toContain('Il est rapproché dès que');
  await sealAll(office.db);
  await closeStatements(statementParts(office));
  const work = reconciliationWork(statementParts(office));
  for (const { fault } of await work.run([must(asked).reconciliationId])) throw fault;

  const shown = await supervisor.get('/reconciliations');
  expect(shown.body).toContain(`href="${path}"`);
  const page = await supervisor.get(`${path}?outcome=MISSING`);
  expect(page.body).toContain('L-100');
  expect(page.body).not.toContain('L-159');
  const next = must(/href="([^"]*after=[^"]*)"/.exec(page.body)?.[1]).replaceAll('&amp;', '&');
  expect((await supervisor.get(next)).body).toContain('L-159');
  expect((await supervisor.get(`${path}?outcome=UNEXPECTED`)).body).not.toContain('L-100');
  const csv = (await supervisor.get(`${path}/export?outcome=MISSING`)).body;
  expect(csv.split('\r\n')).toHaveLength(62);
  expect((await supervisor.get('/reconciliations/00000000-0000-4000-8000-000000000000')).status).toBe(404);
  const officer = await office.signIn('officer-nadia');
  expect((await officer.get(path)).status).toBe(403);
});

test('what our books and the core tell differently is shown, and its day compared again by who may', async () => {
  await using office = await openTestBackOffice(untouched);
  const cnas = must(parseCreditorCode('CNAS'));
  const auditor = await office.signIn('auditor-yacine');
  expect((await auditor.get('/books')).body).toContain('Aucun jour n’a encore été comparé');
  await office.db.owner.query('update creditors set registered_at = $1', [at(yesterday, '00:00:00.000')]);
  const { rows } = await office.db.owner.query<{ account: string }>(
    "select collection_account as account from creditors where creditor_code = 'CNAS'",
  );
  const account = must(parseRib(must(rows[0]).account));
  const work = bookWork({
    db: office.db.gateway,
    now: () => at(daysAgo(0), '03:00:00.000'),
    movements: async () => [
      {
        reference: coreReferenceOf(cnas, must(parseEndToEndId('NEVER-ASKED'))),
        debtor: account,
        creditor: account,
        booking: {
          ...{ bookingReference: 'B-77', executedAt: at(yesterday, '10:00:00.000'), bookingDate: yesterday },
          ...{ valueDate: yesterday, amount: must(parseAmount('77.00')) },
        },
      },
    ],
  });
  for (const { fault } of await work.run(await work.due(10))) throw fault;
  const page = await auditor.get('/books');
  expect(page.body).toContain('1 écart');
  const path = must(/href="(\/books\/[0-9a-f-]{36})"/.exec(page.body)?.[1]);
  const differences = await auditor.get(path);
  expect(differences.body).toContain('Comptabilisé là-bas, inconnu ici');
  expect(differences.body).not.toContain('Comparer de nouveau');
  expect((await auditor.get(`${path}/export`)).body).toContain('B-77');
  const supervisor = await office.signIn('supervisor-karim');
  expect((await supervisor.get(path)).body).toContain('Comparer de nouveau');
  const asked = await supervisor.post(`/books/${yesterday}/again`);
  expect(asked.status).toBe(303);
  expect((await supervisor.get('/books')).body).toContain('À comparer');
});
