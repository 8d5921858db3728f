import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { migrateGateway } from './migrations.ts';
import { asAdministrator, urlsOf } from './roles.ts';

test('replicas that start together apply each migration once', async () => {
  const cluster = inject('cluster');
  await asAdministrator(cluster, 'postgres', (admin) =>
    admin.query('create database test_replicas owner gateway_owner'),
  );
  await asAdministrator(cluster, 'test_replicas', (admin) => admin.query('alter schema public owner to gateway_owner'));
  const { owner } = urlsOf(cluster, 'test_replicas');
  const applied = await Promise.all([migrateGateway(owner), migrateGateway(owner), migrateGateway(owner)]);
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  // Left to the end of the cluster: a drop would cut the runners' connections while they are still closing.
  // The migrations' own connections end a moment after their promise: to break one off would be an uncaught fault.
  await expect
    .poll(() =>
      asAdministrator(cluster, 'postgres', async (admin) => {
        const { rowCount } = await admin.query(`select from pg_stat_activity where datname = 'test_replicas'`);
        return rowCount;
      }),
    )
    .toBe(0);
  await asAdministrator(cluster, 'postgres', (admin) => admin.query('drop database test_replicas'));
});

test.for([
  ['journal', 'kind'],
  ['tokens', 'token'],
  ['requests', 'token'],
  ['mandate_remarks', 'remark'],
  ['contest_remarks', 'remark'],
  ['debit_evidence', 'media_type'],
  ['core_answers', 'answer'],
  ['request_parts', 'bytes'],
  ['reconciliation_lines', 'outcome'],
  ['book_differences', 'kind'],
  ['core_messages', 'type'],
  ['core_message_references', 'reference'],
  ['core_message_differences', 'difference'],
])('the runtime role can add to %s, and never alter or remove what is there', async ([table, column]) => {
  await using db = await freshDatabase();
  await expect(db.gateway.query(`update ${table} set ${column} = 'x'`)).rejects.toThrow('permission denied');
  await expect(db.gateway.query(`delete from ${table}`)).rejects.toThrow('permission denied');
  await expect(db.gateway.query(`truncate ${table}`)).rejects.toThrow('permission denied');
});

const folder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** As they were released: a database that has applied one never looks at its file again. Add a file, and its line here. */
const released: Readonly<Record<string, string>> = {
  '0001_clients.sql': '41f6e49b8a6b0e368ebfe9649a1f137d301b0eb6f57bc70a20c0b955f1ebf5d1',
  '0002_records.sql': '5bdacc41224cfaaf22998e30d50a5b248a831f935c181fe0fa3871e5f2294cf6',
  '0003_mandates.sql': '3ee932192fb4c1df332dae2a9fad6b52aab697f943d822768525472bd4b19a01',
  '0004_debits.sql': 'bf2a6521f8aabd4f6997086bbce570f0b90132a8184177d2f969f23a549695fa',
  '0005_agencies_and_turns.sql': '113d7edb22f62263ac0370cbfe0ac0c3aaddf6bd756fddda1c4c3018af0781c9',
  '0006_staff_sessions.sql': 'b878a593d167beea6106385fb4da9efb8851e022d24acee3ea7b5cb47a1c5e20',
  '0007_journal_seals.sql': '9c21d64766f8e897bccd65b3ac3a43d87fe86583f0ed613fc31f7eeb62f5b979',
  '0008_authorisation_requests.sql': '861ad46dd4fa5dfed8c29fec48a61259c9c069e1431a7f7344e5cc251d81bd7c',
  '0009_approvals_and_search.sql': 'de4796bc5d70719a025e19fe1e0d63f716f6869164f45c0961d5f0aad62d5890',
  '0010_debits_by_hand.sql': 'd0bb3210f02b29e353305cc0d644a63341b79fd62be1564b528623e8112629a1',
  '0011_stops_and_calendar.sql': 'cfb34c10b8094ad038d0025b98c880140bb71ff9ef00f73fec73c9d0f33537e1',
  '0012_job_failures.sql': '5cb787b19ff63a5fa71803ab91cdbac57d4c44d4f1cb9399c652f082c62da540',
  '0013_core_messages.sql': '7c8824ab0d5cd2a78f727fb80e23e52ce992e7a8b3999e5d3927916a40f788ab',
  '0018_due_dates.sql': 'cac226e31b02c2b7b4494b50f6320c235c8db163d2f85726d51bf2a840bac4d8',
  '0022_job_failures_since.sql': '276dfee2c60b01da899156ade38b07a0cf1dd23ab913c5c6e2650036b1c519a7',
  '0014_events.sql': '1b4f901f0c62f363fae03e5682ca13755ce6ab27678addbcfbddcc217c873406',
  '0021_back_office.sql': '876d4fb3d5741d1c52a6f70ed648e5d5ef17ba61e7d77087959fd998f5e7ec7b',
  '0016_statements.sql': 'a04128b5b973b719bb022f5c71069a08c19e1895bf5768304867c6bb8e8acc45',
  '0017_reconciliations.sql': '388180e7a314ec963052bfdfeb0c5e9d34098e4accacdaee09b1ab4ff09d0fba',
  '0015_reversals.sql': '08085037ef147bd266d166ee397dbff21b286ab927157d69b48db55331a1b84f',
  '0022_shared_secrets.sql': '62cd7d753d2667daa0c0fa4a6d3e0fe96799318c82894e25c57aead45cacf730',
  '0020_restores.sql': '34a27b897ad80fca37df06c5d7e4ae4808e1b82a9139722498fa435e5ea8262f',
  '0023_endings.sql': 'fac5bfc50ac7a5b1d9248193b57a01928e9dcfde7fce0df0ebcdacc36f2109e7',
  '0026_open_debits_mandates.sql': '975f8121d1b82519d4b3956349a12175ff129650ac5acdfde8158d766567f7f7',
  '0027_deliveries_by_state.sql': '5dadd8864e42a78849d82cfbc77413a365c130374c8d4c38cc979b59a3e09792',
  '0025_unexplained_movements.sql': 'f6ce2327f3229497697420e10fbbd2753cdb3666798fb168f133d3d0a43f2e7a',
  '0028_debits_to_expire.sql': '71bd205191e2fcdfc73777c929133c103de3698076cfd075195ac19ec19db081',
  '0030_other_time.sql': '35fec21f61037a8562de412b33fbd69ccf6c990a7144c239ca3c251cebbe5d7b',
  '0031_one_booking_each.sql': '440005e993afb88ac58439c8434928896b91ff612f0636bb1b75180cc809f38f',
  '0034_open_reversals.sql': 'f19842fce761858246311b22f65b5baba1f0274616b0f77bb9e227bd6ae05034',
  '0037_statement_accounts.sql': '7703f59f1437c83832b67ecf9d1ad4943f8dec458ba38898528a514a32ce0020',
  '0035_bookings_of_a_day.sql': '6dc452148d3c494436499042f5bcedf5dad91663b2f73a7e087d01542294c355',
  '0036_journal_tables.sql': '6752abd5d2b5a33d760f4ec4ef11affd869b51df6369ab2545ba4fed47220b47',
  '0038_claimed_accounts.sql': '901f81724b7db486b3bc63484a637466da4d3c3549f57faced22b0d8d8204c1d',
  '0039_found_movements.sql': '8001e870073a12402493625430a9bdd7a4a850fa716bfc96b8fa45bf3045a336',
  'ledger/0001_ledger.sql': '88a1d640b15fc903c3fe064bbbda3ed44b486f753d020357c92e3943918f0657',
  '0029_core_refusals.sql': '11958e0f46d9f5839eb2909044b67ac8abe89feb24b1eff9ba0ac4b11df5cb3a',
  '0032_statement_formats.sql': '007a772339a25541b42521592d0f5d3dc183fbb24188cec582aed68a675e7a91',
  '0033_differing_comparisons.sql': '8980e1755378420badda3cf50ca285ffbb7bdf359ae66515581f0e1e01dccfdd',
};

test('a migration that was released never changes: what is to be different is a new file', async () => {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.sql'));
  const hashes = await Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(path.join(folder, name)))
        .digest('hex'),
    ]),
  );
  expect(Object.fromEntries(hashes)).toEqual(released);
});
