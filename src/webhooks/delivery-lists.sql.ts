import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import { unread } from './deliveries.sql.ts';

export type DeliveryState = 'WAITING' | 'DELIVERED' | 'READ' | 'DEAD';
export type DeliveryCounts = { waiting: number; dead: number };

/** Counted up to `most`, since more than that says no more, and whoever looks often would count it each time. */
export async function countDeliveries(db: Queryable, creditor: CreditorCode, most: number): Promise<DeliveryCounts> {
  const { rows } = await db.query<DeliveryCounts>({
    name: 'count-deliveries',
    text: `
      select (select count(*)::int from (select from event_deliveries d left join event_readers reader using (creditor_code)
                where d.creditor_code = $1 and state = 'WAITING'
                  and (d.epoch, d.sequence) > (coalesce(reader.epoch, 0), coalesce(reader.sequence, 0))
                limit $2) waiting) as waiting,
             (select count(*)::int from (select from event_deliveries
                where creditor_code = $1 and state = 'DEAD' limit $2) dead) as dead`,
    values: [creditor, most],
  });
  return rows[0] ?? { waiting: 0, dead: 0 };
}

/** Of each creditor to which events are pushed: whether that is paused, and how old its oldest event is that waits. */
export async function selectPushReadings(
  db: Queryable,
): Promise<{ creditor: CreditorCode; paused: boolean; oldestSeconds: number; dead: number }[]> {
  const { rows } = await db.query<{ creditor: CreditorCode; paused: boolean; oldestSeconds: number; dead: number }>({
    name: 'select-push-readings',
    text: `
      select w.creditor_code as creditor, w.state = 'PAUSED' as paused,
             coalesce(extract(epoch from clock_timestamp() - oldest.recorded_at), 0)::float8 as "oldestSeconds",
             (select count(*)::int from (select from event_deliveries d
                where d.creditor_code = w.creditor_code and d.state = 'DEAD' limit 100000) dead) as dead
        from webhooks w left join event_readers reader using (creditor_code)
        left join lateral (
          select recorded_at from event_deliveries d join events using (creditor_code, epoch, sequence) join journal using (entry_id)
           where d.creditor_code = w.creditor_code and d.state = 'WAITING' and ${unread}
           order by d.epoch, d.sequence limit 1) oldest on true
       where w.state in ('ACTIVE', 'PAUSED')`,
  });
  return rows;
}

/** One event's pushes, for whoever looks after them. */
export type DeliveryLine = {
  epoch: number;
  sequence: number;
  kind: string;
  recordedAt: Date;
  state: DeliveryState;
  attempts: number;
  triedAt: Date | undefined;
  /** Where it waits. */
  nextAt: Date | undefined;
  answer: string | undefined;
};

/** Written out, so that each state's own index serves its list, whatever plan is kept. */
const ofState: Readonly<Record<DeliveryState, string>> = {
  WAITING: "d.state = 'WAITING'",
  DELIVERED: "d.state = 'DELIVERED'",
  READ: "d.state = 'READ'",
  DEAD: "d.state = 'DEAD'",
};

/** A creditor's deliveries, newest event first, of one state or of all. */
export async function listDeliveries(
  db: Queryable,
  creditor: CreditorCode,
  filter: { state: DeliveryState | undefined; before: { epoch: number; sequence: number } | undefined; limit: number },
): Promise<DeliveryLine[]> {
  const { rows } = await db.query<{
    epoch: number;
    sequence: string;
    kind: string;
    recorded_at: Date;
    state: DeliveryState;
    attempts: number;
    tried_at: Date | null;
    next_at: Date;
    answer: string | null;
  }>({
    name: `list-deliveries-${filter.state ?? 'all'}`,
    text: `
      select d.epoch, d.sequence, kind, recorded_at, d.state, attempts, tried_at, next_at, answer
        from (
          -- Before anything is joined: else every event since is gone through for those of one state.
          select * from event_deliveries d
           where d.creditor_code = $1 and ${filter.state === undefined ? 'true' : ofState[filter.state]}
             and (d.epoch, d.sequence) < (coalesce($2::int, 2147483647), coalesce($3::bigint, 0))
           order by d.epoch desc, d.sequence desc limit $4) d
        join events using (creditor_code, epoch, sequence) join journal using (entry_id)
       order by d.epoch desc, d.sequence desc`,
    values: [creditor, filter.before?.epoch ?? null, filter.before?.sequence ?? null, filter.limit],
  });
  return rows.map((row) => ({
    epoch: row.epoch,
    sequence: Number(row.sequence),
    kind: row.kind,
    recordedAt: row.recorded_at,
    state: row.state,
    attempts: row.attempts,
    triedAt: row.tried_at ?? undefined,
    nextAt: row.state === 'WAITING' ? row.next_at : undefined,
    answer: row.answer ?? undefined,
  }));
}
