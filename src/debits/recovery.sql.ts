import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { mayRunWithin } from '../jobs/work.ts';
import type { DebitId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { bookingIn, type MaybeBookingRow } from './booking-row.ts';
import { ceilingDetail, type RefusalDetailRow } from './ceilings.sql.ts';
import type { EndingDebit, OpenDebit, Refusal } from './debit.ts';
import { longestInterval } from './doubt.ts';
import { endingDebit, type OpenRow, openColumns, openDebit, openJoins } from './open-debit.sql.ts';
import { isStoppedNow, standingStops, startsAgain } from './stopped.sql.ts';
import { debitShownMoved } from './unclaimed.sql.ts';

/** A debit that nobody works on, taken up: what it is, and what is known of it so far. */
export type Unfinished = {
  debit: EndingDebit;
  /** The same with its accounts, once its ceilings were reserved. */
  open: OpenDebit | undefined;
  refusal: Refusal | undefined;
  /** The core's own: never sent again, and the reason of its rejection once it can't move any more. */
  coreRefusal: ReasonCode | undefined;
  /** Stored where the money has moved and the signature had to wait. */
  booking: Booking | undefined;
  sends: number;
  questions: number;
  /** Begun under this mandate, which is neither suspended nor ended: it may still be sent. */
  mandateAllows: boolean;
  /** A stop stands for it: it is only asked about. */
  stopped: boolean;
  /** The core's own movements show that it has moved: see `debitShownMoved`. */
  shownMoved: boolean;
};

type UnfinishedRow = Omit<OpenRow, 'authorised_at'> &
  Omit<MaybeBookingRow, 'amount'> & {
    authorised_at: Date | null;
    refusal: ReasonCode | null;
    refusal_detail: RefusalDetailRow | null;
    core_refusal: ReasonCode | null;
    sends: number;
    questions: number;
    mandate_allows: boolean;
    stopped: boolean;
    shown_moved: boolean;
  };

const algiersToday = "(clock_timestamp() at time zone 'Africa/Algiers')::date";

const runs = (mandate: string) => `${mandate}.state = 'ACTIVE'
  and not (${mandate}.suspended_by_bank or ${mandate}.suspended_by_creditor)
  and ${algiersToday} between ${mandate}.valid_from and ${mandate}.valid_to`;

/** One that was replaced meanwhile still carries what was begun under it, while the one that stands for it runs. */
const mandateAllows = `
  ((${runs('mandates')}) or (mandates.state = 'REPLACED' and exists (
    select from mandates successor where successor.chain_id = mandates.chain_id and ${runs('successor')})))`;

/**
 * Nobody works on it, and it can go on: what a stop or the core's closing (`closed`, SQL) keeps from being sent stands in
 * nobody's way, what was sent is asked on.
 */
const isFree = (closed: string) => `
  debits.state in ('ACCEPTED', 'EXECUTING', 'IN_DOUBT') and debits.lease_until < clock_timestamp()
  and not (debits.state = 'ACCEPTED' and debits.refusal is null
           and (${startsAgain} or debits.expires_at > clock_timestamp()
                and (${closed} or ${isStoppedNow('debits.creditor_code', '(select chain_id from mandates where mandate_id = debits.mandate_id)')})))`;

/**
 * Debits whose lease has ended, the longest ended first. One whose work has failed waits longer each time, to a minute
 * and no more: money in doubt is asked about for ever, also where its work is dead and people have been told.
 */
export async function selectUnfinished(db: Queryable, most: number, coreIsClosed: boolean): Promise<DebitId[]> {
  const { rows } = await db.query<{ debit_id: DebitId }>({
    name: 'select-unfinished',
    text: `
      select debit_id from debits
       where ${isFree('$2::boolean')} and ${mayRunWithin('debits', 'debits.debit_id', longestInterval)}
       order by lease_until limit $1`,
    values: [most, coreIsClosed],
  });
  return rows.map((row) => row.debit_id);
}

/** Takes up those of them whose lease has ended, for one lease: a living replica's are its own. */
export async function takeUnfinished(
  db: Queryable,
  debitIds: readonly DebitId[],
  leaseSeconds: number,
  coreIsClosed: boolean,
): Promise<Unfinished[]> {
  const { rows } = await db.query<UnfinishedRow>({
    name: 'take-unfinished',
    text: `
      with free as (
        select debit_id from debits where debit_id = any ($1::uuid[]) and ${isFree('$3::boolean')}
         order by debit_id for no key update skip locked
      ), taken as (
        update debits set lease_until = clock_timestamp() + make_interval(secs => $2::float8),
               questions = questions + case when state = 'ACCEPTED' then 0 else 1 end
         where debit_id in (select debit_id from free) returning *
      )
      select ${openColumns}, debits.refusal, debits.refusal_detail, debits.core_refusal,
             debits.booking_reference, debits.executed_at, debits.booking_date, debits.value_date, debits.sends, debits.questions,
             ${mandateAllows} as mandate_allows, ${isStoppedNow('debits.creditor_code', 'mandates.chain_id')} as stopped,
             ${debitShownMoved} as shown_moved
        from taken debits join mandates using (mandate_id) ${openJoins}`,
    values: [debitIds, leaseSeconds, coreIsClosed],
  });
  return rows.map(unfinished);
}

/**
 * Claims one more send, just before it: state, stops, mandate, `expiresAt` and a refusal that was kept are looked at again
 * here, under the row's lock, and whether its movement is known. Undefined where any of them says no. `repeatable`: a second send does no harm at this bus.
 */
export async function claimSend(
  db: Queryable,
  debitId: DebitId,
  repeatable: boolean,
  leaseSeconds: number,
): Promise<OpenDebit | undefined> {
  const { rows } = await db.query<OpenRow>({
    name: 'claim-send',
    text: `
      with named as (
        select mandate_id, debits.creditor_code, chain_id from debits join mandates using (mandate_id) where debit_id = $1
      ), stop as (
        ${standingStops('select creditor_code from named', 'select chain_id from named')}
      ), allowed as (
        -- The lock that suspension and revocation take: this send comes before them, or sees them.
        select mandates.mandate_id from mandates
         where mandates.mandate_id = (select mandate_id from named where not exists (select from stop)) and ${mandateAllows}
           for no key update of mandates
      ), claimed as (
        update debits set sends = sends + 1, lease_until = clock_timestamp() + make_interval(secs => $3::float8)
          from allowed
         where debits.debit_id = $1 and allowed.mandate_id = debits.mandate_id
           and debits.state in ('EXECUTING', 'IN_DOUBT') and debits.refusal is null and debits.core_refusal is null
           and debits.holds_ceiling and not ${debitShownMoved}
           and debits.expires_at > clock_timestamp() and (debits.sends = 0 or $2)
        returning debits.*
      )
      select ${openColumns} from claimed debits join mandates using (mandate_id) ${openJoins}`,
    values: [debitId, repeatable, leaseSeconds],
  });
  return rows[0] && openDebit(rows[0]);
}

/**
 * Claims a void, just before it: state and stops are looked at again here, under the row's lock. A booking that waits for
 * its signature is not voided either, nor what the core's own movements show to have moved.
 */
export async function claimVoid(db: Queryable, debitId: DebitId, leaseSeconds: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'claim-void',
    text: `
      with named as (
        select debits.creditor_code, chain_id from debits join mandates using (mandate_id) where debit_id = $1
      ), stop as (
        ${standingStops('select creditor_code from named', 'select chain_id from named')}
      )
      update debits set lease_until = clock_timestamp() + make_interval(secs => $2::float8)
       where debit_id = $1 and state in ('EXECUTING', 'IN_DOUBT') and booking_reference is null
         and not exists (select from stop) and not ${debitShownMoved}`,
    values: [debitId, leaseSeconds],
  });
  return rowCount === 1;
}

/** The last reason that the core gave while it was open. */
export async function keepRefusal(db: Queryable, debitId: DebitId, reason: ReasonCode): Promise<void> {
  await db.query({
    name: 'keep-refusal',
    text: "update debits set core_refusal = $2 where debit_id = $1 and state in ('EXECUTING', 'IN_DOUBT')",
    values: [debitId, reason],
  });
}

/** The next question comes later; past its time it waits for people, and is told once. */
export async function askLater(db: Queryable, debitId: DebitId, seconds: number, forPeople: boolean): Promise<void> {
  await db.query({
    name: 'ask-later',
    text: `
      with before as (
        select debit_id, creditor_code, state, people_since is null and $3 as turns from debits
         where debit_id = $1 and state in ('EXECUTING', 'IN_DOUBT') for no key update
      ), later as (
        update debits set state = 'IN_DOUBT', lease_until = least(clock_timestamp() + make_interval(secs => $2::float8),
                 -- At resolveBy people have it, however long the interval has grown by then.
                 case when $3 then 'infinity' else greatest(resolve_by, clock_timestamp() + interval '1 s') end),
               people_since = case when $3 then coalesce(people_since, clock_timestamp()) else people_since end
         where debit_id in (select debit_id from before)
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
      select creditor_code, case when turns then 'debit.for-people' else 'debit.in-doubt' end, debit_id, state, 'IN_DOUBT', 'gateway'
        from before where turns or state = 'EXECUTING'`,
    values: [debitId, seconds, forPeople],
  });
}

function unfinished(row: UnfinishedRow): Unfinished {
  return {
    debit: endingDebit(row),
    open: row.authorised_at === null ? undefined : openDebit({ ...row, authorised_at: row.authorised_at }),
    refusal: row.refusal === null ? undefined : { reason: row.refusal, ceiling: ceilingDetail(row.refusal_detail) },
    coreRefusal: row.core_refusal ?? undefined,
    booking: bookingIn(row),
    sends: row.sends,
    questions: row.questions,
    mandateAllows: row.mandate_allows,
    stopped: row.stopped,
    shownMoved: row.shown_moved,
  };
}
