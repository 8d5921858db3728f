import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import { mayRun } from '../jobs/work.ts';
import type { CoreReference, CreditorCode, DebitId, EndToEndId } from '../values/ids.ts';
import { statesBefore } from './debit.ts';
import { heldOnSteps, isAsSeen } from './keep-contradiction.sql.ts';
import { movedElsewhere } from './unclaimed.sql.ts';

/**
 * CANCELLED: withdrawn now. BURNT: it never arrived, and never can. ALREADY: it was cancelled before. TOO_LATE: it was
 * sent, or has ended otherwise. JTI_REUSED: this signature was seen before, with another name or body. After a restore:
 * UNREAD, it is not known yet what has moved under this name in the lost time, or nothing explains what has; UNCLAIMED,
 * money has.
 */
export type CancellationVerdict = 'CANCELLED' | 'BURNT' | 'ALREADY' | 'TOO_LATE' | 'JTI_REUSED' | NothingDone;

export type NothingDone = 'UNREAD' | 'UNCLAIMED';

export type Cancellation = {
  /** Used where the name is burnt. */
  debitId: DebitId;
  reference: CoreReference;
  creditor: CreditorCode;
  endToEndId: EndToEndId;
  request: SignedRequest;
  /** Whether the core banking system can void, so that the name is closed there too. */
  canVoid: boolean;
};

/**
 * Withdraws a debit that was never sent, or burns its name. A race for a new name is a unique violation: run again. Its
 * declaration is given back, but where a booking was named for it.
 */
export async function cancelDebit(
  db: Queryable,
  cancellation: Cancellation,
): Promise<{ verdict: CancellationVerdict; debitId: DebitId }> {
  const { verdict, debitId } = await cancelAsSeen(db, cancellation);
  return verdict === 'CHANGED' ? cancelDebit(db, cancellation) : { verdict, debitId };
}

/** CHANGED: it was written to while its lock was waited for, and nothing is done. */
async function cancelAsSeen(
  db: Queryable,
  cancellation: Cancellation,
): Promise<{ verdict: CancellationVerdict | 'CHANGED'; debitId: DebitId }> {
  const { request } = cancellation;
  const { rows } = await db.query<{ verdict: CancellationVerdict | 'CHANGED'; debit_id: DebitId }>({
    name: 'cancel-debit',
    text: `
      with seen as (
        select method = $6 and target = $7 and digest = $10 as same from requests where creditor_code = $2 and jti = $4
      ), held as (
        select debits.*, debits.xmin as version from debits where creditor_code = $2 and end_to_end_id = $3 for no key update
      ), weighed as (
        select case when (select not same from seen) then 'JTI_REUSED'
                    when held.debit_id is null and exists (select from seen) then 'JTI_REUSED'
                    when held.state = 'CANCELLED' then 'ALREADY'
                    -- An accepted one that was refused has its rejection on the way.
                    when not (held.state = any ($14::text[]) and held.sends = 0 and held.refusal is null) then 'TOO_LATE'
                    when exists (select from restores where movements_read_at is null) or ${movedElsewhere('$13')} then 'UNREAD'
                    when not ${isAsSeen('held')} then 'CHANGED'
                    when held.debit_id is not null then 'CANCELLED'
                    when exists (select from unclaimed_movements where reference = $13 and claimed_by is null) then 'UNCLAIMED'
                    else 'BURNT' end as verdict,
               coalesce(held.debit_id, $1::uuid) as debit_id, held.state as from_state, held.holds_declaration,
               held.creditor_code, held.employer_number, held.declaration, held.amount
          from (select 1) one left join held on true
      ), asked as (
        insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body, subject_id)
        select $2, $4, $5, $6, $7, $8::timestamptz, $9::timestamptz, $10::bytea, $11, $12::bytea, debit_id
          from weighed where verdict not in ('JTI_REUSED', 'UNREAD', 'UNCLAIMED', 'CHANGED') and not exists (select from seen)
      ), burnt as (
        insert into debits (debit_id, creditor_code, end_to_end_id, core_reference, request_jti, state, ordered_at,
          received_at, expires_at, resolve_by, lease_until, ended_at, void_due)
        select debit_id, $2, $3, $13, $4, 'CANCELLED', $8::timestamptz, $9::timestamptz, $9::timestamptz,
               $9::timestamptz + interval '1 second', clock_timestamp(), clock_timestamp(), $15
          from weighed where verdict = 'BURNT'
      ), ending as (
        select * from weighed where verdict = 'CANCELLED'
      ), ${heldOnSteps}, cancelled as (
        update debits
           set state = 'CANCELLED', holds_declaration = false, ended_at = clock_timestamp(), void_due = $15,
               lease_until = clock_timestamp()
          from ending where debits.debit_id = ending.debit_id
      ), undeclared as (
        update declarations d
           set live = live - case when holds_declaration then amount else 0 end,
               contradicted = contradicted + coalesce(times, 0) * amount
          from ending left join held_on using (debit_id)
         where (holds_declaration or times > 0) and d.creditor_code = ending.creditor_code
           and d.employer_number = ending.employer_number and d.reference = ending.declaration
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, actor, request_jti)
        select $2, case verdict when 'BURNT' then 'debit.burnt' else 'debit.cancelled' end, debit_id, from_state, 'CANCELLED',
               'creditor', $5, $4
          from weighed where verdict in ('BURNT', 'CANCELLED')
      )
      select verdict, debit_id from weighed`,
    values: [
      cancellation.debitId,
      cancellation.creditor,
      cancellation.endToEndId,
      request.jti,
      request.keyThumbprint,
      request.method,
      request.target,
      request.signedAt,
      request.receivedAt,
      request.digest,
      request.token,
      request.body,
      cancellation.reference,
      statesBefore('CANCELLED'),
      cancellation.canVoid,
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a cancellation had no verdict');
  return { verdict: row.verdict, debitId: row.debit_id };
}

export type VoidDue = { debitId: DebitId; reference: CoreReference };

/** Cancelled names that the core banking system has still to close. */
export async function selectVoidsDue(db: Queryable, most: number): Promise<DebitId[]> {
  const { rows } = await db.query<{ debit_id: DebitId }>({
    name: 'select-voids-due',
    text: `
      select debit_id from debits
       where void_due and lease_until < clock_timestamp() and ${mayRun('names', 'debits.debit_id')}
       order by lease_until limit $1`,
    values: [most],
  });
  return rows.map((row) => row.debit_id);
}

/** Takes those of them that are still due, for one lease. */
export async function takeVoidsDue(
  db: Queryable,
  debitIds: readonly DebitId[],
  leaseSeconds: number,
): Promise<VoidDue[]> {
  const { rows } = await db.query<{ debit_id: DebitId; core_reference: CoreReference }>({
    name: 'take-voids-due',
    text: `
      with free as (
        select debit_id from debits where debit_id = any ($1::uuid[]) and void_due and lease_until < clock_timestamp()
         order by debit_id for no key update skip locked
      )
      update debits set lease_until = clock_timestamp() + make_interval(secs => $2::float8)
       where debit_id in (select debit_id from free) returning debit_id, core_reference`,
    values: [debitIds, leaseSeconds],
  });
  return rows.map((row) => ({ debitId: row.debit_id, reference: row.core_reference }));
}

/** The core banking system knows that nothing may move under these names, or has said what did. */
export async function endVoids(db: Queryable, debitIds: readonly DebitId[]): Promise<void> {
  await db.query({
    name: 'end-voids',
    text: 'update debits set void_due = false where debit_id = any ($1::uuid[])',
    values: [debitIds],
  });
}
