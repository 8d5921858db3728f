import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable } from '../../src/database/queryable.ts';

/** How many rows one statement makes: bounded, so that neither side holds all of them. */
const chunk = 25_000;

/** What each of them debits, in centimes. */
export const amountOfEach = 100_000n;

/**
 * Employers with an account each, a mandate of CNAS's and a debit that is scheduled for today, which is a feast until
 * `endFeast`. The accounts may be overdrawn, so that nobody need fund them. Certificates and requests are placeholders.
 */
export async function scheduleDebits(
  { owner, ledgerOwner }: { owner: Queryable; ledgerOwner: Queryable },
  debits: number,
  told: (done: number) => void,
): Promise<void> {
  // Whatever day it is today, the bank works, but for the feast.
  await owner.query({
    text: `insert into bank_weeks (week_id, from_day, weekend, source) values (gen_random_uuid(), '2009-08-15', '{}', 'measurement')`,
  });
  await beginFeast(owner);
  for (let first = 1; first <= debits; first += chunk) {
    const values = [first, Math.min(first + chunk - 1, debits)];
    await ledgerOwner.query({ text: accounts, values });
    await owner.query({ text: mandates, values });
    await owner.query({ text: scheduled, values: [...values, amountOfEach] });
    told(values[1] ?? 0);
  }
  for (const db of [owner, ledgerOwner]) await db.query({ text: 'vacuum analyze' });
}

/** Waits until the journal's rows so far are sealed and counted, as they are long before a day that many have waited for. */
export async function settleJournal(owner: Queryable): Promise<void> {
  const { rows: written } = await owner.query<{ last: string }>({ text: 'select max(entry_id) as last from journal' });
  for (let counted = false; !counted; ) {
    await pause(500);
    const { rows } = await owner.query({
      text: `select from journal_seals seal join debit_figures_progress counted
                 on (counted.epoch, counted.number) >= (seal.epoch, seal.number) where entry_id = $1`,
      values: [written[0]?.last],
    });
    counted = rows.length > 0;
  }
}

/** From now on nothing that is scheduled for today is accepted; what was goes on. */
export async function beginFeast(owner: Queryable): Promise<void> {
  await owner.query({
    text: `insert into feasts (feast_id, day, name_fr, name_ar, source)
           values (gen_random_uuid(), (now() at time zone 'Africa/Algiers')::date, 'Fête', 'عيد', 'measurement')`,
  });
  // The gateway keeps the calendar for two seconds.
  await pause(3_000);
}

/** From now on, and for whoever reads the calendar anew, the bank works today, and all of them are due. */
export async function endFeast(owner: Queryable): Promise<void> {
  await owner.query({ text: `delete from feasts where source = 'measurement'` });
}

const rib = `'00500888' || lpad(number::text, 10, '0')
  || lpad((97 - ('00888' || lpad(number::text, 10, '0') || '00')::numeric % 97)::text, 2, '0')`;

const accounts = `
  insert into ledger.accounts (rib, holder, kind, minimum_balance)
  select ${rib}, 'Entreprise ' || number, 'CUSTOMER', -1000000000000 from generate_series($1::int, $2::int) as number`;

/** A UUIDv4 that follows from the number. */
const uuid = (what: string) =>
  `(overlay(overlay(md5('${what} ' || number) placing '4' from 13) placing '8' from 17))::uuid`;

const mandates = `
  with numbered as (
    select number, ${uuid('mandate')} as mandate_id from generate_series($1::int, $2::int) as number
  ), used as (
    insert into mandate_usage (chain_id) select mandate_id from numbered
  ), debtors as (
    insert into mandate_debtors (mandate_id, rib, name_fr, name_ar)
    select mandate_id, ${rib}, 'Entreprise ' || number, 'مؤسسة' from numbered
  ), signed as (
    insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
    select mandate_id, 'CNAS', 'mandate-certificate+jwt', mandate_id, 'key', now(), repeat('certificate ', 80) from numbered
  )
  insert into mandates (mandate_id, chain_id, creditor_code, origin, employer_number, per_debit_ceiling, period_ceiling,
    period, valid_from, valid_to, state, state_since, content_hash, entered_by, entered_at, last_changed_by, makers,
    submitted_at, certified_by, certified_at, certificate_jti, status_list, status_index, shown_at, accepted_at)
  select mandate_id, mandate_id, 'CNAS', 'BANK', lpad((2000000000 + number)::text, 10, '0'), 50000000, 200000000, 'MONTH',
         now()::date - 30, now()::date + 300, 'ACTIVE', now(), repeat('0', 64), 'officer', now(), 'officer',
         array['officer'], now(), 'supervisor', now(), mandate_id, 900, number, now(), now()
    from numbered`;

const scheduled = `
  with numbered as (
    select number, ${uuid('debit')} as debit_id, ${uuid('mandate')} as mandate_id,
           lpad((2000000000 + number)::text, 10, '0') as employer_number, 'DUE-' || number as name
      from generate_series($1::int, $2::int) as number
  ), declared as (
    insert into declarations (creditor_code, employer_number, reference, declared, live)
    select 'CNAS', employer_number, name, $3::bigint, $3::bigint from numbered
  ), asked as (
    insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body, subject_id)
    select 'CNAS', 'due-request-of-' || number, 'creditor-key', 'PUT', '/v1/debits/' || name, now(), now(),
           sha256(number::text::bytea), repeat('signature ', 40), '{}', debit_id from numbered
  ), told as (
    insert into journal (creditor_code, kind, subject_id, to_state, side, actor, request_jti)
    select 'CNAS', 'debit.scheduled', debit_id, 'SCHEDULED', 'creditor', 'creditor-key', 'due-request-of-' || number
      from numbered order by number
  )
  insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number, declaration,
    declared, amount, content, request_jti, execution_date, state, ordered_at, received_at, holds_declaration,
    expires_at, resolve_by, expiry_given, lease_until)
  select debit_id, 'CNAS', name, translate(md5(number::text), '0123456789abcdef', 'ABCDEFGHIJKLMNOP'), mandate_id,
         employer_number, name, $3::bigint, $3::bigint, sha256(number::text::bytea), 'due-request-of-' || number,
         (now() at time zone 'Africa/Algiers')::date, 'SCHEDULED', now(), now(), true, now() + interval '1 day',
         now() + interval '1 day 15 minutes', true, now()
    from numbered`;
