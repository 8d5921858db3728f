import type { Queryable } from '../database/queryable.ts';
import { type Centimes, centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import type { Stop, StopId, StopScope, Unaccounted, UnderWay } from './stop.ts';

type Row = {
  stop_id: StopId;
  scope: StopScope['scope'];
  creditor_code: CreditorCode | null;
  mandate_id: MandateId | null;
  remark: string;
  stopped_by: string;
  stopped_at: Date;
  ended_at: Date | null;
};

const columns = 'stop_id, scope, creditor_code, mandate_id, remark, stopped_by, stopped_at, ended_at';

function stopOf(row: Row): Stop {
  const { creditor_code: creditor, mandate_id: mandateId } = row;
  return {
    ...(creditor === null
      ? { scope: 'ALL' }
      : mandateId === null
        ? { scope: 'CREDITOR', creditor }
        : { scope: 'MANDATE', creditor, mandateId }),
    stopId: row.stop_id,
    remark: row.remark,
    stoppedBy: row.stopped_by,
    stoppedAt: row.stopped_at,
    endedAt: row.ended_at ?? undefined,
  };
}

type New = { stopId: StopId; what: StopScope; remark: string; by: string; from: string };

/** Stops, with the journal row that tells of it. Undefined where such a stop stands, or there is no such mandate. */
export async function insertStop(db: Queryable, { stopId, what, remark, by, from }: New): Promise<Stop | undefined> {
  const { rows } = await db.query<Row>({
    name: 'insert-stop',
    text: `
      with made as (
        insert into stops (stop_id, scope, creditor_code, mandate_id, chain_id, remark, stopped_by)
        select $1::uuid, $2::text, $3::text, $4::uuid, (select chain_id from mandates where mandate_id = $4), $5, $6
         where $4::uuid is null or exists (select from mandates where mandate_id = $4 and creditor_code = $3)
        on conflict do nothing returning *
      ), told as (
        insert into journal (kind, subject_id, creditor_code, side, actor, detail)
        select 'stop.made', stop_id, creditor_code, 'bank', stopped_by,
               jsonb_strip_nulls(jsonb_build_object('scope', scope, 'mandate', mandate_id, 'from', $7::text)) from made
      )
      select ${columns} from made`,
    values: [
      stopId,
      what.scope,
      what.scope === 'ALL' ? null : what.creditor,
      what.scope === 'MANDATE' ? what.mandateId : null,
      remark,
      by,
      from,
    ],
  });
  return rows.map(stopOf)[0];
}

/**
 * Waits for everyone who began or sends a debit by a statement older than this one: they hold the table's weak lock
 * from before their snapshot, and who comes later sees every stop made before. Needs a transaction; holds nothing else.
 */
export async function outwaitOlder(db: Queryable): Promise<void> {
  await db.query({ text: 'lock table stops in exclusive mode' });
}

/** The stop of that scope that stands. */
export async function selectStanding(db: Queryable, what: StopScope): Promise<Stop | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-standing-stop',
    text: `
      select ${columns} from stops
       where ended_at is null and scope = $1 and creditor_code is not distinct from $2
         and chain_id is not distinct from (select chain_id from mandates where mandate_id = $3)`,
    values: [what.scope, what.scope === 'ALL' ? null : what.creditor, what.scope === 'MANDATE' ? what.mandateId : null],
  });
  return rows.map(stopOf)[0];
}

const widest = `array_position(array['ALL', 'CREDITOR', 'MANDATE'], scope)`;

/** What stands now: the widest first, then the oldest, from after `after`. Of mandates those of these agencies only. */
export async function listStandingStops(
  db: Queryable,
  agencies: 'ALL' | readonly string[],
  { after, limit = 200 }: { after?: StopId | undefined; limit?: number } = {},
): Promise<Stop[]> {
  const { rows } = await db.query<Row>({
    name: 'list-standing-stops',
    text: `
      select ${columns} from stops
       where ended_at is null
         and (mandate_id is null or $1::text[] is null
              or (select agency_code from mandate_debtors where mandate_id = stops.mandate_id) = any ($1))
         and ($2::uuid is null or (${widest}, stop_id) > (select ${widest}, stop_id from stops where stop_id = $2))
       order by ${widest}, stop_id limit $3`,
    values: [agencies === 'ALL' ? null : agencies, after ?? null, limit],
  });
  return rows.map(stopOf);
}

/** What stood and was ended, newest first, before `before`. */
export async function listEndedStops(
  db: Queryable,
  agencies: 'ALL' | readonly string[],
  { before, limit }: { before: StopId | undefined; limit: number },
): Promise<Stop[]> {
  const { rows } = await db.query<Row>({
    name: 'list-ended-stops',
    text: `
      select ${columns} from stops
       where ended_at is not null and ($2::uuid is null or stop_id < $2)
         and (mandate_id is null or $1::text[] is null
              or (select agency_code from mandate_debtors where mandate_id = stops.mandate_id) = any ($1))
       order by stop_id desc limit $3`,
    values: [agencies === 'ALL' ? null : agencies, before ?? null, limit],
  });
  return rows.map(stopOf);
}

export async function selectStop(
  db: Queryable,
  stopId: StopId,
): Promise<(Stop & { agency: string | undefined }) | undefined> {
  const { rows } = await db.query<Row & { agency_code: string | null }>({
    name: 'select-stop',
    text: `select ${columns}, (select agency_code from mandate_debtors d where d.mandate_id = stops.mandate_id) as agency_code
             from stops where stop_id = $1`,
    values: [stopId],
  });
  const [row] = rows;
  return row && { ...stopOf(row), agency: row.agency_code ?? undefined };
}

/** Whose mandate it is, and which agency holds the account. */
export async function selectMandateForStop(
  db: Queryable,
  mandateId: MandateId,
): Promise<{ creditor: CreditorCode; agency: string } | undefined> {
  const { rows } = await db.query<{ creditor: CreditorCode; agency: string }>({
    name: 'select-mandate-for-stop',
    text: `select creditor_code as creditor, agency_code as agency from mandates join mandate_debtors using (mandate_id)
            where mandate_id = $1`,
    values: [mandateId],
  });
  return rows[0];
}

/** For a WHERE: the core's movements since that restore are unread, or were read before the end of its stop, all that is ever proposed of one, was proposed. */
const movementsUnread = `(movements_read_at is null
  or exists (select from proposals where subject_id = restores.stop_id::text
                and state in ('WAITING', 'APPROVED') and proposed_at >= movements_read_at))`;

/**
 * What a restore of the database stopped, and what is still to be done before it may start again: the core's movements
 * are read, the creditors have asked again for those that this database has never heard of, and nothing is unexplained;
 * else two people say that they start all the same. Until a movement is claimed debits of the employer concerned stay
 * refused, whatever is started.
 */
export async function selectRestoreOf(
  db: Queryable,
  stopId: string,
): Promise<({ knownUntil: Date; isRead: boolean } & Unaccounted) | undefined> {
  const { rows } = await db.query<{ known_until: Date; is_read: boolean } & Unaccounted>({
    name: 'select-restore-of-stop',
    text: `
      select min(known_until) as known_until, not bool_or(${movementsUnread}) as is_read,
             (select count(*)::integer from unclaimed_movements where claimed_by is null) as unclaimed,
             (select count(*)::integer from unexplained_movements where ending is null) as unexplained
        from restores where stop_id = $1 having count(*) > 0`,
    values: [stopId],
  });
  return rows.map(({ known_until, is_read, ...row }) => ({ ...row, knownUntil: known_until, isRead: is_read }))[0];
}

/** A movement that nothing here explains. The accounts are personal. */
export type UnexplainedMovement = {
  reference: string;
  why: 'FOREIGN' | 'OTHER_ACCOUNT' | 'OTHER_REVERSAL';
  bookingDate: Day;
  amount: Centimes;
};

/** The first of what is unexplained, for people. */
export async function listUnexplained(db: Queryable, most: number): Promise<UnexplainedMovement[]> {
  const { rows } = await db.query<Omit<UnexplainedMovement, 'amount'> & { amount: string }>({
    name: 'list-unexplained-movements',
    text: `
      select reference, why, booking_date as "bookingDate", amount from unexplained_movements
       where ending is null order by booking_date, reference limit $1`,
    values: [most],
  });
  return rows.map((row) => ({ ...row, amount: centimesFromDatabase(row.amount) }));
}

/**
 * Starts again what two people decided to, with the journal row. False where it was ended before, the core's movements
 * since a restore have not been read since it was proposed, or more of them is unclaimed or unexplained than the two have named. What is
 * unexplained is explained by their decision.
 */
export async function endStop(
  db: Queryable,
  {
    stopId,
    endedBy,
    by,
    from,
    named,
  }: { stopId: string; endedBy: string; by: string; from: string; named: Unaccounted },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'end-stop',
    text: `
      with ended as (
        update stops set ended_at = clock_timestamp(), ended_by = $2
         where stop_id = $1 and ended_at is null
           and not exists (select from restores where restores.stop_id = $1 and ${movementsUnread})
           and (not exists (select from restores where restores.stop_id = $1)
                or (select count(*) from unclaimed_movements where claimed_by is null) <= $5::int
                   and (select count(*) from unexplained_movements where ending is null) <= $6::int)
        returning stop_id, creditor_code, scope, mandate_id
      ), explained as (
        update unexplained_movements u set ending = 'EXPLAINED', ended_at = clock_timestamp(), explained_as = $2
          from ended where u.stop_id = ended.stop_id and u.ending is null
      )
      insert into journal (kind, subject_id, creditor_code, side, actor, detail)
      select 'stop.ended', stop_id, creditor_code, 'bank', $3,
             jsonb_strip_nulls(jsonb_build_object('scope', scope, 'mandate', mandate_id, 'proposal', $2::text, 'from', $4::text,
               'unclaimed', nullif($5::int, 0), 'unexplained', nullif($6::int, 0)))
        from ended`,
    values: [stopId, endedBy, by, from, named.unclaimed, named.unexplained],
  });
  return rowCount === 1;
}

/**
 * Whether debits of that creditor are stopped, its own or all; and how many of them the core may still be moving. A restore
 * whose movements are unread counts as one: what they show to have moved is not known yet.
 */
export async function selectStillness(
  db: Queryable,
  creditor: CreditorCode,
): Promise<{ stopped: boolean; moving: number }> {
  const { rows } = await db.query<{ stopped: boolean; moving: number }>({
    name: 'select-stillness',
    text: `
      select exists (select from stops where ended_at is null and chain_id is null
                        and (scope = 'ALL' or creditor_code = $1)) as stopped,
             (select count(*)::integer from debits where creditor_code = $1 and state in ('EXECUTING', 'IN_DOUBT'))
             + (select count(*)::integer from reversals
                 where creditor_code = $1 and state in ('EXECUTING', 'IN_DOUBT'))
             + (select count(*)::integer from restores where movements_read_at is null) as moving`,
    values: [creditor],
  });
  return rows[0] ?? { stopped: false, moving: 0 };
}

/** What a stop of that scope holds now, or would hold. */
export async function selectUnderWay(db: Queryable, what: StopScope): Promise<UnderWay> {
  const { rows } = await db.query<{ sending: number; in_doubt: number; waiting: number; scheduled: number }>({
    name: 'select-under-way',
    text: `
      select open.*, later.*
        from (select count(*) filter (where state = 'EXECUTING' and refusal is null)::integer as sending,
                     count(*) filter (where state = 'IN_DOUBT')::integer as in_doubt,
                     count(*) filter (where state = 'ACCEPTED' and refusal is null)::integer as waiting
                from debits where state in ('EXECUTING', 'IN_DOUBT', 'ACCEPTED') and ${held}) open,
             (select count(*)::integer as scheduled from debits where state = 'SCHEDULED' and ${held}) later`,
    values: [what.scope === 'ALL' ? null : what.creditor, what.scope === 'MANDATE' ? what.mandateId : null],
  });
  const [row] = rows;
  return {
    sending: row?.sending ?? 0,
    inDoubt: row?.in_doubt ?? 0,
    waiting: row?.waiting ?? 0,
    scheduled: row?.scheduled ?? 0,
  };
}

const held = `($1::text is null or creditor_code = $1)
  and ($2::uuid is null or mandate_id in (select mandate_id from mandates
         where chain_id = (select chain_id from mandates where mandate_id = $2)))`;
