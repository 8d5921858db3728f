import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { mayRunWithin } from '../jobs/work.ts';
import type { ReasonCode } from '../values/reasons.ts';
import { bookingIn, type MaybeBookingRow } from './booking-row.ts';
import { longestInterval } from './doubt.ts';
import { type OpenReversalRow, openReversal, openReversalColumns, openReversalJoins } from './open-reversal.sql.ts';
import type { OpenReversal, ReversalId } from './reversal.ts';
import { isContradicted } from './reversal-contradicted.sql.ts';
import { isStoppedNow, standingStops, startsAgain } from './stopped.sql.ts';
import { reversalShownMoved } from './unclaimed.sql.ts';

/** A reversal that nobody works on, taken up, with what is known of it so far. */
export type UnfinishedReversal = {
  reversal: OpenReversal;
  /** Stored where the money has moved and the signature had to wait. */
  booking: Booking | undefined;
  /** The core's own: never sent again, and the reason of its rejection once it can't move any more. */
  coreRefusal: ReasonCode | undefined;
  sends: number;
  questions: number;
  /** The bank stopped it: it is asked about, and neither sent nor voided. */
  stopped: boolean;
  /** A restore's stop stands: it may have been sent in the lost time. */
  startsAgain: boolean;
  /** The core's own movements show that it has moved: see `debitShownMoved`. */
  shownMoved: boolean;
};

/** Only asked for, as far as a database that was put back knows, where its money has moved: it is asked about from now on. */
export const reversalTakenUp = "state = 'IN_DOUBT', sends = 1, lease_until = clock_timestamp()";

/** As `reversalTakenUp`, told. Nothing where it stands otherwise. */
export async function takeUpReversal(db: Queryable, reversalId: ReversalId): Promise<void> {
  await db.query({
    name: 'take-up-reversal',
    text: `
      with taken as (
        update reversals set ${reversalTakenUp} where reversal_id = $1 and state = 'REQUESTED' returning *
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, request_jti, detail)
      select creditor_code, 'debit.reversal-in-doubt', debit_id, 'SETTLED', 'SETTLED', 'gateway', request_jti,
             jsonb_build_object('attempt', attempt, 'state', 'IN_DOUBT') from taken`,
    values: [reversalId],
  });
}

/** The chain of a reversal's mandate. */
const chainOf =
  '(select chain_id from debits d join mandates using (mandate_id) where d.debit_id = reversals.debit_id)';

/**
 * Claims one send, the first one too, just before it: state, stops and `expiresAt` are looked at here, under the row's
 * lock, and a refusal that was kept. Undefined where any of them says no. `repeatable`: a second send does no harm at this bus.
 */
export async function claimReversal(
  db: Queryable,
  reversalId: ReversalId,
  repeatable: boolean,
  leaseSeconds: number,
): Promise<OpenReversal | undefined> {
  const { rows } = await db.query<OpenReversalRow>({
    name: 'claim-reversal',
    text: `
      with named as (
        select debit_id, debits.creditor_code, chain_id from reversals join debits using (debit_id) join mandates using (mandate_id)
         where reversal_id = $1
      ), stop as (
        ${standingStops('select creditor_code from named', 'select chain_id from named')}
      ), held as (
        select reversal_id, state from reversals where reversal_id = $1 for no key update
      ), claimed as (
        update reversals set state = case reversals.state when 'REQUESTED' then 'EXECUTING' else reversals.state end,
               sends = sends + 1, lease_until = clock_timestamp() + make_interval(secs => $3::float8)
          from held
         where reversals.reversal_id = held.reversal_id and held.state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')
           and expires_at > clock_timestamp() and booking_reference is null and core_refusal is null and (sends = 0 or $2)
           and not exists (select from stop) and not ${isContradicted('reversals.debit_id', 'reversals.reversal_id')}
           and not ${reversalShownMoved}
        returning reversals.*
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, request_jti, detail)
        select creditor_code, 'debit.reversal-sent', debit_id, 'SETTLED', 'SETTLED', 'gateway', request_jti,
               jsonb_build_object('attempt', attempt, 'state', claimed.state)
          from claimed join held using (reversal_id) where held.state = 'REQUESTED'
      )
      select ${openReversalColumns} from claimed reversals ${openReversalJoins}`,
    values: [reversalId, repeatable, leaseSeconds],
  });
  return rows[0] && openReversal(rows[0]);
}

/**
 * Claims a void, just before it: state and stops are looked at again here, under the row's lock. A booking that waits for
 * its signature is not voided either, nor what the core's own movements show to have moved.
 */
export async function claimReversalVoid(db: Queryable, reversalId: ReversalId, leaseSeconds: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'claim-reversal-void',
    text: `
      with named as (
        select debits.creditor_code, chain_id from reversals join debits using (debit_id) join mandates using (mandate_id)
         where reversal_id = $1
      ), stop as (
        ${standingStops('select creditor_code from named', 'select chain_id from named')}
      )
      update reversals set lease_until = clock_timestamp() + make_interval(secs => $2::float8)
       where reversal_id = $1 and state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT') and booking_reference is null
         and not exists (select from stop) and not ${reversalShownMoved}`,
    values: [reversalId, leaseSeconds],
  });
  return rowCount === 1;
}

/** The last reason that the core gave while it was open. */
export async function keepReversalRefusal(db: Queryable, reversalId: ReversalId, reason: ReasonCode): Promise<void> {
  await db.query({
    name: 'keep-reversal-refusal',
    text: `
      update reversals set core_refusal = $2
       where reversal_id = $1 and state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')`,
    values: [reversalId, reason],
  });
}

/** Reversals whose lease has ended. What a stop keeps from being sent stands in nobody's way; what was sent is asked on. */
export async function selectReversalsDue(db: Queryable, most: number): Promise<ReversalId[]> {
  const { rows } = await db.query<{ reversal_id: ReversalId }>({
    name: 'select-reversals-due',
    text: `
      select reversal_id from reversals
       where state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT') and lease_until < clock_timestamp()
         and ${mayRunWithin('reversals', 'reversals.reversal_id', longestInterval)}
         and not (state = 'REQUESTED' and expires_at > clock_timestamp()
                  and ${isStoppedNow('reversals.creditor_code', chainOf)})
       order by lease_until limit $1`,
    values: [most],
  });
  return rows.map((row) => row.reversal_id);
}

/** Takes those of them that are still due, for one lease: a living replica's are its own. */
export async function takeReversals(
  db: Queryable,
  reversalIds: readonly ReversalId[],
  leaseSeconds: number,
): Promise<UnfinishedReversal[]> {
  const { rows } = await db.query<
    OpenReversalRow &
      Omit<MaybeBookingRow, 'amount'> & {
        core_refusal: ReasonCode | null;
        sends: number;
        questions: number;
        stopped: boolean;
        starts_again: boolean;
        shown_moved: boolean;
      }
  >({
    name: 'take-reversals',
    text: `
      with free as (
        select reversal_id from reversals
         where reversal_id = any ($1::uuid[]) and state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')
           and lease_until < clock_timestamp()
         order by reversal_id for no key update skip locked
      ), taken as (
        update reversals set lease_until = clock_timestamp() + make_interval(secs => $2::float8), questions = questions + 1
         where reversal_id in (select reversal_id from free) returning *
      )
      select ${openReversalColumns}, reversals.core_refusal, reversals.booking_reference, reversals.executed_at,
             reversals.booking_date, reversals.value_date, reversals.sends, reversals.questions,
             ${isStoppedNow('reversals.creditor_code', chainOf)} as stopped, ${startsAgain} as starts_again,
             ${reversalShownMoved} as shown_moved
        from taken reversals ${openReversalJoins}`,
    values: [reversalIds, leaseSeconds],
  });
  return rows.map((row) => ({
    reversal: openReversal(row),
    booking: bookingIn(row),
    coreRefusal: row.core_refusal ?? undefined,
    sends: row.sends,
    questions: row.questions,
    stopped: row.stopped,
    startsAgain: row.starts_again,
    shownMoved: row.shown_moved,
  }));
}

/**
 * The next question comes later. What was sent is in doubt from now on, told once; past its time it waits for people,
 * told once too.
 */
export async function askReversalLater(
  db: Queryable,
  reversalId: ReversalId,
  seconds: number,
  forPeople: boolean,
): Promise<void> {
  await db.query({
    name: 'ask-reversal-later',
    text: `
      with before as (
        select reversal_id, debit_id, creditor_code, attempt, state, request_jti, people_since is null and $3 as turns
          from reversals where reversal_id = $1 and state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT') for no key update
      ), later as (
        update reversals set state = case state when 'EXECUTING' then 'IN_DOUBT' else state end,
               lease_until = least(clock_timestamp() + make_interval(secs => $2::float8),
                 -- At resolveBy people have it, however long the interval has grown by then.
                 case when $3 then 'infinity' else greatest(resolve_by, clock_timestamp() + interval '1 s') end),
               people_since = case when $3 then coalesce(people_since, clock_timestamp()) else people_since end
         where reversal_id in (select reversal_id from before)
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, request_jti, detail)
      select creditor_code, case when turns then 'debit.reversal-for-people' else 'debit.reversal-in-doubt' end, debit_id,
             'SETTLED', 'SETTLED', 'gateway', request_jti,
             jsonb_build_object('attempt', attempt, 'state', case state when 'EXECUTING' then 'IN_DOUBT' else state end)
        from before where turns or state = 'EXECUTING'`,
    values: [reversalId, seconds, forPeople],
  });
}
