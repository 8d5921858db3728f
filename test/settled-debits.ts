import type { TestDatabase } from './database.ts';

export type SettledDebits = {
  mandateId: string;
  count: number;
  /** When all of it was recorded: every debit settled in that instant. */
  instant: Date;
  /** Ends each end-to-end id's front part: `V-1-0000001`. */
  batch?: number;
};

/** A day's debits as they stand after it, with proofs that nobody can verify: written at once, 100.00 and upwards. */
export async function insertSettledDebits(db: Pick<TestDatabase, 'owner'>, debits: SettledDebits): Promise<void> {
  const { mandateId, count, instant, batch = 1 } = debits;
  for (let first = 1; first <= count; first += atOnce)
    await insertSome(db, { mandateId, instant, batch, first, last: Math.min(count, first + atOnce - 1) });
}

const atOnce = 2_000;

type Some = Required<Omit<SettledDebits, 'count'>> & { first: number; last: number };

async function insertSome(
  db: Pick<TestDatabase, 'owner'>,
  { mandateId, instant, batch, first, last }: Some,
): Promise<void> {
  await db.owner.query({
    text: `
      with made as materialized (
        select gen_random_uuid() as debit_id, gen_random_uuid() as jti, 10000 + n as amount,
               'V-' || $4::int || '-' || lpad(n::text, 7, '0') as name,
               translate(upper(substr(encode(sha256(convert_to($4::int || '/' || n, 'UTF8')), 'hex'), 1, 32)), '0189', 'GHIJ') as reference
          from generate_series($2::int, $5::int) n
      ), signed as (
        insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
        select jti, 'CNAS', 'settlement-confirmation+jwt', debit_id, 'test-key', $3::timestamptz,
               'h.' || translate(encode(convert_to(jsonb_build_object('jti', jti, 'endToEndId', name,
                 'bookingReference', 'B-' || name, 'executedAt', '2026-01-31T09:30:00.402Z', 'bookingDate', '2026-01-31',
                 'valueDate', '2026-01-31', 'debitedAccount', '005*************8214',
                 'creditedAccount', '005*************0174', 'padding', repeat('x', 600))::text, 'UTF8'), 'base64'), E'+/=\\n', '-_') || '.s'
          from made
      ), declared as (
        insert into declarations (creditor_code, employer_number, reference, declared, live)
        select 'CNAS', '0262992312', name, amount, amount from made
      ), settled as (
        insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, mandate_id, employer_number, declaration,
          declared, amount, content, request_jti, state, ordered_at, received_at, authorised_at, reserved_on, holds_declaration,
          holds_ceiling, expires_at, resolve_by, lease_until, sends, booking_reference, executed_at, booking_date, value_date,
          ended_at, confirmation_jti)
        select debit_id, 'CNAS', name, reference, $1::uuid, '0262992312', name, amount, amount, sha256('x'), 'request-' || name,
               'SETTLED', $3, $3, $3, ($3::timestamptz)::date, true, true, $3::timestamptz + interval '1 minute',
               $3::timestamptz + interval '15 minutes', $3, 1, 'B-' || name, $3, '2026-01-31', '2026-01-31', $3, jti
          from made
      )
      insert into journal (recorded_at, creditor_code, kind, subject_id, from_state, to_state, side, token_jti)
      select $3, 'CNAS', kind, debit_id, from_state, to_state, 'gateway', case when kind = 'debit.settled' then jti end
        from made, (values (1, 'debit.received', null, 'EXECUTING'), (2, 'debit.settled', 'EXECUTING', 'SETTLED'))
                     as row (position, kind, from_state, to_state)
       order by name, position`,
    values: [mandateId, first, instant, batch, last],
  });
}
