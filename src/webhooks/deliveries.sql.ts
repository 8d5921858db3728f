import type { Queryable } from '../database/queryable.ts';
import { mayRunWithin } from '../jobs/work.ts';
import { eventKinds } from '../journal/events.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { WebhookUrl } from './webhook.ts';

/** One push: its id is a job's. */
export type ClaimedDelivery = {
  deliveryId: string;
  creditor: CreditorCode;
  epoch: number;
  sequence: number;
  /** From 1; counted before it is sent, so that no two pushes have the same. */
  attempt: number;
  url: WebhookUrl;
  authorities: string | undefined;
};

/**
 * Ends, up to `most` a creditor, the pushes of what it has read in its feed, or what its present webhook does not get.
 * One under way ends by itself, or with its lease: what it comes to tells of the receiver, and until then the next of its
 * lane waits. Answers which those were.
 */
export async function endReadDeliveries(db: Queryable, most: number): Promise<string[]> {
  const { rows } = await db.query<{ delivery_id: string }>({
    name: 'end-read-deliveries',
    text: `
      with place as (
        select creditor_code, epoch, sequence from event_readers
        union all
        select creditor_code, from_epoch, from_sequence from webhooks where state in ('ACTIVE', 'PAUSED')
      ), passed as (
        select delivery_id from place cross join lateral (
          select delivery_id from event_deliveries d
           where d.creditor_code = place.creditor_code and state = 'WAITING'
             and coalesce(leased_until, '-infinity') < clock_timestamp()
             and (d.epoch, d.sequence) <= (place.epoch, place.sequence)
           order by d.epoch, d.sequence limit $1 for update skip locked) waiting
      )
      update event_deliveries set state = 'READ', ended_at = clock_timestamp(), leased_until = null
       where delivery_id in (select delivery_id from passed)
      returning delivery_id`,
    values: [most],
  });
  return rows.map((row) => row.delivery_id);
}

/** What the creditor has not read yet: what it has is not pushed, also where that is not written down. */
export const unread = `(d.epoch, d.sequence) > (coalesce(reader.epoch, 0), coalesce(reader.sequence, 0))
             and (d.epoch, d.sequence) > (w.from_epoch, w.from_sequence)`;

/** The first of its lane alone: the one before it was received or given up. */
const firstOfLane = `not exists (select from event_deliveries before
               where before.creditor_code = d.creditor_code and before.lane = d.lane and before.state = 'WAITING'
                 and (before.epoch, before.sequence) < (d.epoch, d.sequence))`;

/**
 * When it may be pushed: after its own wait, or of a receiver that is paused when that is to be tried; never where a
 * person has to let it go on.
 */
const itsTime = `case w.state when 'ACTIVE' then d.next_at <= clock_timestamp() else w.probe_at <= clock_timestamp() end`;

/**
 * Of a kind that this program can tell of ($3): what a newer one has numbered is left to its replicas. As a value, so
 * that it is looked up for each of the few rows and never joined over all events.
 */
const ofKnownKind = (delivery: string) => `(select kind from events e join journal using (entry_id)
               where e.creditor_code = ${delivery}.creditor_code and e.epoch = ${delivery}.epoch
                 and e.sequence = ${delivery}.sequence) = any ($3::text[])`;

/**
 * What is to be pushed now, at most `ofOne` of one creditor with those under way on any replica; of one that is paused
 * its oldest event alone, when it is to be tried.
 */
export async function selectDueDeliveries(
  db: Queryable,
  { most, ofOne, triedWithinSeconds }: { most: number; ofOne: number; triedWithinSeconds: number },
): Promise<string[]> {
  const { rows } = await db.query<{ delivery_id: string }>({
    name: 'select-due-deliveries',
    text: `
      select delivery_id
        from webhooks w left join event_readers reader using (creditor_code)
        cross join lateral (select count(*) as leased from event_deliveries d
                             where d.creditor_code = w.creditor_code and state = 'WAITING'
                               and leased_until > clock_timestamp()) under_way
        cross join lateral (
          select delivery_id, next_at, d.creditor_code, d.epoch, d.sequence from event_deliveries d
           where d.creditor_code = w.creditor_code and d.state = 'WAITING' and ${unread}
             and coalesce(leased_until, '-infinity') < clock_timestamp()
             and ${itsTime} and ${firstOfLane} and ${mayRunWithin('webhooks', 'delivery_id', triedWithinSeconds)}
           order by d.epoch, d.sequence
           limit greatest(0, case w.state when 'ACTIVE' then $2::int else 1 end - under_way.leased)) due
       where w.state in ('ACTIVE', 'PAUSED') and ${ofKnownKind('due')}
       order by next_at limit $1`,
    values: [most, ofOne, eventKinds.known],
  });
  return rows.map((row) => row.delivery_id);
}

/**
 * Takes those of them that are still free and due, since another replica that had listed them may have pushed them, and
 * counts the push before it is sent. Where its answer never comes the lease ends, and it is pushed again. An event of a
 * lane becomes its first only when the one before it has ended; where a person has that one pushed again since this was
 * listed, it is not taken.
 */
export async function claimDeliveries(
  db: Queryable,
  ids: readonly string[],
  leaseSeconds: number,
): Promise<ClaimedDelivery[]> {
  const { rows } = await db.query<{
    delivery_id: string;
    creditor_code: CreditorCode;
    epoch: number;
    sequence: string;
    attempts: number;
    url: WebhookUrl;
    authorities: string | null;
  }>({
    name: 'claim-deliveries',
    text: `
      with held as (
        select delivery_id, w.webhook_id, w.state, w.url, w.authorities, clock_timestamp() as claimed_at
          from event_deliveries d join webhooks w using (creditor_code) left join event_readers reader using (creditor_code)
         where delivery_id = any ($1::uuid[]) and d.state = 'WAITING' and w.state in ('ACTIVE', 'PAUSED') and ${unread}
           and coalesce(leased_until, '-infinity') < clock_timestamp() and ${itsTime} and ${firstOfLane}
           and ${ofKnownKind('d')}
         order by delivery_id for update of d skip locked
      ), probed as (
        update webhooks set probe_at = clock_timestamp() + make_interval(secs => $2::float8)
         where webhook_id in (select webhook_id from held where state = 'PAUSED')
           -- Looked at again on the latest row: a restore may have left it to a person since.
           and probe_at is not null
      )
      update event_deliveries d
         set attempts = attempts + 1, first_at = coalesce(first_at, claimed_at), tried_at = claimed_at,
             leased_until = clock_timestamp() + make_interval(secs => $2::float8)
        from held where d.delivery_id = held.delivery_id
      returning d.delivery_id, creditor_code, epoch, sequence, attempts, held.url, held.authorities`,
    values: [ids, leaseSeconds, eventKinds.known],
  });
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    creditor: row.creditor_code,
    epoch: row.epoch,
    sequence: Number(row.sequence),
    attempt: row.attempts,
    url: row.url,
    authorities: row.authorities ?? undefined,
  }));
}

/**
 * A push that was counted and could not be sent: it was none, nor is its time the first. Its lease stays, so that of one
 * receiver's events some fail while we can't send, and not every one that waits.
 */
export async function giveBackPush(
  db: Queryable,
  { deliveryId, attempt }: Pick<ClaimedDelivery, 'deliveryId' | 'attempt'>,
): Promise<void> {
  await db.query({
    name: 'give-back-push',
    text: `update event_deliveries set attempts = attempts - 1, first_at = nullif(first_at, tried_at)
            where delivery_id = $1 and attempts = $2 and state = 'WAITING'`,
    values: [deliveryId, attempt],
  });
}

/** What a push came to. `answer`: a status, or a code of ours. Times in seconds. */
export type PushEnd = Pick<ClaimedDelivery, 'deliveryId' | 'attempt'> & {
  received: boolean;
  answer: string;
  nextSeconds: number;
  /** By how much the next try of a paused receiver is sooner or later. */
  probeSpread: number;
};

/** When a receiver is paused and tried again, and an event given up: schedule.ts says how each is meant. */
export type PushLimits = Record<
  'pauseFailures' | 'pauseSeconds' | 'probeFirstSeconds' | 'probeMostSeconds' | 'giveUpSeconds',
  number
>;

/**
 * Writes down what a push came to, of the event and of its receiver, with the journal row where that pauses or goes on.
 * That it was received is a fact, however late; that an earlier push failed says nothing of the one under way. A receiver
 * that only a person lets go on, since its database was put back, is not let by what was pushed before.
 */
export async function finishDelivery(db: Queryable, end: PushEnd, limits: PushLimits): Promise<void> {
  await db.query({
    name: 'finish-delivery',
    text: `
      with held as (
        select delivery_id, creditor_code, first_at from event_deliveries
         where delivery_id = $1 and state = 'WAITING' and ($3::boolean or attempts = $2) for update
      ), receiver as (
        select webhook_id, w.creditor_code, state, failures, failing_since, state = 'PAUSED' and probe_at is null as by_hand
          from webhooks w join held using (creditor_code) where state in ('ACTIVE', 'PAUSED') for update of w
      ), judged as (
        select *, case when by_hand then 'PAUSED'
                       when $3 then 'ACTIVE'
                       when failures + 1 >= $7::int and coalesce(failing_since, clock_timestamp())
                            + make_interval(secs => $8::float8) <= clock_timestamp()
                       then 'PAUSED' else state end as next_state
          from receiver
      ), verdict as (
        select *, case when next_state = 'PAUSED' and not by_hand then $6::float8
                       * least($11::float8, $10::float8 * power(2, least(20, greatest(0, failures + 1 - $7::int)))) end as probe_seconds
          from judged
      ), ended as (
        update event_deliveries d
           set state = fate.state, leased_until = null, answer = $4, next_at = clock_timestamp() + make_interval(secs => $5::float8),
               ended_at = case when fate.state <> 'WAITING' then clock_timestamp() end
          from held left join verdict using (creditor_code) cross join lateral (
            -- Given up where it would come too late when it is pushed next: of a paused receiver, when that is tried.
            select case when $3 then 'DELIVERED'
                        when held.first_at + make_interval(secs => $9::float8)
                             < clock_timestamp() + make_interval(secs => coalesce(probe_seconds, $5::float8))
                        then 'DEAD' else 'WAITING' end as state) fate
         where d.delivery_id = held.delivery_id
      ), noted as (
        update webhooks w
           set state = next_state, state_since = case when next_state = verdict.state then state_since else clock_timestamp() end,
               failures = case when $3 then 0 else verdict.failures + 1 end,
               failing_since = case when $3 then null else coalesce(verdict.failing_since, clock_timestamp()) end,
               received_at = case when $3 then clock_timestamp() else received_at end,
               probe_at = clock_timestamp() + make_interval(secs => probe_seconds),
               tried_at = clock_timestamp(), answer = $4
          from verdict where w.webhook_id = verdict.webhook_id
      ), let_go as (
        -- It is there again: what waits for hours since it was not is pushed now.
        update event_deliveries set next_at = clock_timestamp()
         where delivery_id in (
           -- The oldest: what was never tried has no wait.
           select delivery_id from verdict cross join lateral (
             select delivery_id, next_at, leased_until from event_deliveries d
              where d.creditor_code = verdict.creditor_code and d.state = 'WAITING' and delivery_id <> $1
              order by epoch, sequence limit 10000 for update skip locked) waiting
            where verdict.state = 'PAUSED' and next_state = 'ACTIVE' and next_at > clock_timestamp()
              and coalesce(leased_until, '-infinity') < clock_timestamp())
      )
      insert into journal (creditor_code, kind, subject_id, side)
      select creditor_code, case next_state when 'PAUSED' then 'webhook.paused' else 'webhook.resumed' end, webhook_id, 'gateway'
        from verdict where next_state <> state`,
    values: [
      ...[end.deliveryId, end.attempt, end.received, end.answer, end.nextSeconds, end.probeSpread],
      ...[limits.pauseFailures, limits.pauseSeconds, limits.giveUpSeconds],
      ...[limits.probeFirstSeconds, limits.probeMostSeconds],
    ],
  });
}

/**
 * A person lets a paused receiver go on, or tries everything that waits now; what was given up too, though not before a
 * later one of its lane that is on its way has ended.
 */
export async function retryDeliveries(
  db: Queryable,
  creditor: CreditorCode,
  { by, from }: { by: string; from: string },
): Promise<void> {
  await db.query({
    name: 'retry-deliveries',
    text: `
      with again as (
        select delivery_id from event_deliveries
         where creditor_code = $1 and state in ('WAITING', 'DEAD') and coalesce(leased_until, '-infinity') < clock_timestamp()
         order by epoch, sequence limit 10000 for update
      ), tried as (
        update event_deliveries d
           set state = 'WAITING', ended_at = null,
               next_at = coalesce((select max(under_way.leased_until) from event_deliveries under_way
                                    where under_way.creditor_code = d.creditor_code and under_way.lane = d.lane
                                      and under_way.state = 'WAITING' and under_way.leased_until > clock_timestamp()),
                                  clock_timestamp()),
               first_at = case when state = 'DEAD' then null else first_at end
          from again where d.delivery_id = again.delivery_id
      ), receiver as (
        select webhook_id, creditor_code, state from webhooks
         where creditor_code = $1 and state in ('ACTIVE', 'PAUSED') for update
      ), going_on as (
        update webhooks w
           set state = 'ACTIVE', state_since = case when receiver.state = 'PAUSED' then clock_timestamp() else state_since end,
               failures = 0, failing_since = null, probe_at = null
          from receiver where w.webhook_id = receiver.webhook_id
      )
      insert into journal (creditor_code, kind, subject_id, side, actor, detail)
      select creditor_code, case state when 'PAUSED' then 'webhook.resumed' else 'delivery.retried' end, webhook_id, 'bank', $2,
             jsonb_build_object('from', $3::text)
        from receiver`,
    values: [creditor, by, from],
  });
}
