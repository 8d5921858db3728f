import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode, DebitId, EndToEndId, Jws, MandateId, TokenId } from '../values/ids.ts';
import type { EventKinds } from './events.ts';
import type { JournalKind } from './kinds.ts';

/** Where an event stands in its creditor's feed: numbers begin at 1 in each epoch of the journal. */
export type EventPlace = { epoch: number; sequence: number };

/** How far the journal was gone through, under the lock of whoever goes on. Undefined: nothing is new, or another is at it. */
export async function lockProgress(db: Queryable): Promise<{ epoch: number; number: string } | undefined> {
  const { rows } = await db.query<{ epoch: number; number: string }>({
    name: 'lock-event-progress',
    text: `
      select epoch, number from event_progress p
       where exists (select from journal_seals s where (s.epoch, s.number) > (p.epoch, p.number))
         for update skip locked`,
  });
  return rows[0];
}

/** Keeps anyone from numbering until the transaction ends, behind who does so just now. */
export async function holdProgress(db: Queryable): Promise<void> {
  await db.query({ name: 'hold-event-progress', text: 'select from event_progress for update' });
}

/**
 * Gives the next sealed rows, up to `most`, their number in their creditor's feed where they are events for it, and
 * lays those that are pushed ready. A statement of its own after the lock, so that it sees what was numbered before.
 * A mandate that the bank began is told of from its first showing on. It ends before the first row about a creditor of a
 * kind that only a newer program knows, which a replica of that one goes on with: passed over, it would be told of to
 * nobody. Answers how many rows it went through, how many pushes are ready, and that kind.
 */
export async function numberEvents(
  db: Queryable,
  from: { epoch: number; number: string },
  most: number,
  { known, told, ofMandates }: EventKinds,
): Promise<NumberedEvents> {
  const { rows } = await db.query<{ took: number; ready: number; unknown: string | null }>({
    name: 'number-events',
    text: `
      with next as materialized (
        select epoch, number, entry_id, kind, subject_id, creditor_code, reason, detail from sealed_journal
         where (epoch, number) > ($1::int, $2::bigint) order by epoch, number limit $3
      ), unknown as materialized (
        select epoch, number, kind from next
         where creditor_code is not null and kind <> all ($6::text[]) order by epoch, number limit 1
      ), sealed as materialized (
        select next.* from next left join unknown on true
         where unknown.number is null or (next.epoch, next.number) < (unknown.epoch, unknown.number)
      ), told as (
        select sealed.epoch, sealed.number, entry_id, sealed.creditor_code, subject_id,
               case when kind = 'debit.rejected' then debits.shown_reason
                    when kind = 'debit.reversal-rejected' then sealed.detail ->> 'shown'
                    when kind = any ($5::text[]) and sealed.reason <> 'name-differs' then sealed.reason end as reason
          from sealed join creditors using (creditor_code)
          left join debits on kind = 'debit.rejected' and debits.debit_id = subject_id
          left join mandates on kind = any ($5::text[]) and mandates.mandate_id = subject_id
         where kind = any ($4::text[])
           and (kind <> all ($5::text[]) or mandates.origin = 'CREDITOR'
                or exists (select from journal shown
                            where shown.subject_id = sealed.subject_id and shown.kind = 'mandate.shown'
                              and shown.entry_id <= sealed.entry_id))
      ), numbered as materialized (
        select told.creditor_code, told.epoch, entry_id, subject_id, reason,
               coalesce(last, 0) + row_number() over (partition by told.creditor_code, told.epoch order by number) as sequence
          from told left join event_counts c on c.creditor_code = told.creditor_code and c.epoch = told.epoch
      ), counted as (
        insert into event_counts (creditor_code, epoch, last)
        select creditor_code, epoch, max(sequence) from numbered group by creditor_code, epoch
        on conflict (creditor_code, epoch) do update set last = excluded.last
      ), kept as (
        insert into events (creditor_code, epoch, sequence, entry_id, subject_id, reason)
        select creditor_code, epoch, sequence, entry_id, subject_id, reason from numbered
      ), laid_ready as (
        insert into event_deliveries (creditor_code, epoch, sequence, lane)
        select creditor_code, epoch, sequence, coalesce(subject_id, '00000000-0000-0000-0000-000000000000')
          from numbered join webhooks using (creditor_code)
         where webhooks.state in ('ACTIVE', 'PAUSED')
        returning 1
      ), gone_on as (
        update event_progress p set epoch = last.epoch, number = last.number
          from (select epoch, number from sealed order by epoch desc, number desc limit 1) last
      )
      select (select count(*) from sealed)::int as took, (select count(*) from laid_ready)::int as ready,
             (select kind from unknown) as unknown`,
    values: [from.epoch, from.number, most, told, ofMandates, known],
  });
  const [row] = rows;
  return { took: row?.took ?? 0, ready: row?.ready ?? 0, unknown: row?.unknown ?? undefined };
}

export type NumberedEvents = { took: number; ready: number; unknown: string | undefined };

/** For how long the oldest row has waited that is sealed, and that the events have not come past. */
export async function selectUnnumberedSeconds(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ seconds: number | null }>({
    name: 'select-unnumbered-seconds',
    text: `
      select greatest(0, extract(epoch from clock_timestamp() - recorded_at))::float8 as seconds
        from journal
       where entry_id = (select entry_id from journal_seals
                          where (epoch, number) > ((select epoch from event_progress), (select number from event_progress))
                          order by epoch, number limit 1)`,
  });
  return rows[0]?.seconds ?? 0;
}

/** An event with what stands beside it that never changes: the same however often it is read. */
export type EventRecord = EventPlace & {
  creditor: CreditorCode;
  kind: JournalKind;
  at: Date;
  side: 'creditor' | 'bank' | 'gateway';
  from: string | undefined;
  to: string | undefined;
  reason: string | undefined;
  tokenJti: TokenId | undefined;
  dueOn: string | undefined;
  replacedBy: MandateId | undefined;
  thumbprint: string | undefined;
  /** Of a statement: its day. */
  date: string | undefined;
  /** Of a matched list: its name, its days, and how many lines came to what. */
  reconciliation: (Readonly<Record<string, string | number>> & { reference: string }) | undefined;
  /** Which try to give the debit back. */
  reversalAttempt: number | undefined;
  mandate: { mandateId: MandateId; requestReference: string | undefined } | undefined;
  debit: { debitId: DebitId; endToEndId: EndToEndId } | undefined;
  /** Of a certified mandate that the creditor opened, where the employer lets the bank hand it over. */
  certificate: Jws | undefined;
};

type Row = {
  creditor_code: CreditorCode;
  epoch: number;
  sequence: string;
  kind: JournalKind;
  recorded_at: Date;
  side: EventRecord['side'];
  from_state: string | null;
  to_state: string | null;
  reason: string | null;
  token_jti: TokenId | null;
  due_on: string | null;
  replaced_by: MandateId | null;
  thumbprint: string | null;
  date: string | null;
  reconciliation: EventRecord['reconciliation'] | null;
  reversal_attempt: number | null;
  mandate_id: MandateId | null;
  request_reference: string | null;
  debit_id: DebitId | null;
  end_to_end_id: EndToEndId | null;
  certificate: Jws | null;
};

const selectEvents = `
  select e.creditor_code, e.epoch, e.sequence, j.kind, j.recorded_at, j.side, j.from_state, j.to_state, e.reason,
         j.token_jti, j.detail ->> 'dueOn' as due_on, j.detail ->> 'replacedBy' as replaced_by,
         j.detail ->> 'thumbprint' as thumbprint,
         case when j.kind like 'debit.revers%' then (j.detail ->> 'attempt')::int end as reversal_attempt,
         case when j.kind = 'statement.closed' then j.detail ->> 'day' end as date, m.mandate_id, m.request_reference, d.debit_id, d.end_to_end_id,
         certificate.token as certificate, matched.reconciliation
    from events e join journal j using (entry_id)
    left join mandates m on m.mandate_id = e.subject_id
    left join debits d on d.debit_id = e.subject_id
    left join tokens certificate on j.kind = 'mandate.certified' and certificate.jti = j.token_jti
     and m.origin = 'CREDITOR' and m.hand_over
    left join lateral (
      -- A list's lines and figures stay as they are once it is matched.
      select json_build_object('reference', r.reference, 'from', r.first_day, 'to', r.last_day, 'expected', r.expected_lines,
               ${['MATCHED', 'DIFFERING', 'MISSING', 'REPEATED', 'UNEXPECTED', 'REVERSED']
                 .map(
                   (figure) =>
                     `'${figure.toLowerCase()}', coalesce(sum(f.lines) filter (where figure = '${figure}'), 0)`,
                 )
                 .join(', ')}) as reconciliation
        from reconciliations r left join reconciliation_figures f using (reconciliation_id)
       where j.kind = 'reconciliation.matched' and r.reconciliation_id = e.subject_id group by r.reconciliation_id
    ) matched on true`;

/** The creditor's events that follow on a place, in their order. */
export async function selectEventsAfter(
  db: Queryable,
  creditor: CreditorCode,
  after: EventPlace,
  limit: number,
): Promise<EventRecord[]> {
  const { rows } = await db.query<Row>({
    name: 'select-events-after',
    text: `${selectEvents} where e.creditor_code = $1 and (e.epoch, e.sequence) > ($2::int, $3::bigint)
            order by e.epoch, e.sequence limit $4`,
    values: [creditor, after.epoch, after.sequence, limit],
  });
  return rows.map(eventRecord);
}

/** One event by its place. */
export async function selectEvent(
  db: Queryable,
  creditor: CreditorCode,
  { epoch, sequence }: EventPlace,
): Promise<EventRecord | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-event',
    text: `${selectEvents} where e.creditor_code = $1 and e.epoch = $2 and e.sequence = $3`,
    values: [creditor, epoch, sequence],
  });
  return rows.map(eventRecord)[0];
}

/** How far a creditor's feed goes, by epoch, the journal's present epoch, and how far the creditor has read. */
export type FeedStanding = { epoch: number; counts: { epoch: number; last: number }[]; read: EventPlace };

export async function selectFeedStanding(db: Queryable, creditor: CreditorCode): Promise<FeedStanding> {
  const { rows } = await db.query<{
    epoch: number;
    counts: { epoch: number; last: number }[];
    read_epoch: number;
    read_sequence: string;
  }>({
    name: 'select-feed-standing',
    text: `
      select coalesce((select max(epoch) from journal_epochs), 0) as epoch,
             coalesce((select jsonb_agg(jsonb_build_object('epoch', epoch, 'last', last) order by epoch)
                         from event_counts where creditor_code = $1), '[]') as counts,
             coalesce(reader.epoch, 0) as read_epoch, coalesce(reader.sequence, 0) as read_sequence
        from (values (1)) one left join event_readers reader on reader.creditor_code = $1`,
    values: [creditor],
  });
  const [row] = rows;
  return row === undefined
    ? { epoch: 0, counts: [], read: { epoch: 0, sequence: 0 } }
    : {
        epoch: row.epoch,
        counts: row.counts,
        read: { epoch: row.read_epoch, sequence: Number(row.read_sequence) },
      };
}

/** Keeps how far the creditor has read: it never goes back. */
export async function noteRead(db: Queryable, creditor: CreditorCode, { epoch, sequence }: EventPlace): Promise<void> {
  await db.query({
    name: 'note-events-read',
    text: `
      insert into event_readers as known (creditor_code, epoch, sequence, read_at)
      values ($1, $2, $3, clock_timestamp())
      on conflict (creditor_code) do update
         set epoch = excluded.epoch, sequence = excluded.sequence, read_at = excluded.read_at
       where (known.epoch, known.sequence) < (excluded.epoch, excluded.sequence)`,
    values: [creditor, epoch, sequence],
  });
}

/** The last event of each of these creditors. */
export async function selectLastPlaces(
  db: Queryable,
  creditors: readonly CreditorCode[],
): Promise<Map<CreditorCode, EventPlace>> {
  const { rows } = await db.query<{ creditor_code: CreditorCode; epoch: number; last: string }>({
    name: 'select-last-events',
    text: `select distinct on (creditor_code) creditor_code, epoch, last from event_counts
            where creditor_code = any ($1::text[]) order by creditor_code, epoch desc`,
    values: [creditors],
  });
  return new Map(rows.map((row) => [row.creditor_code, { epoch: row.epoch, sequence: Number(row.last) }]));
}

const eventRecord = (row: Row): EventRecord => ({
  creditor: row.creditor_code,
  epoch: row.epoch,
  sequence: Number(row.sequence),
  kind: row.kind,
  at: row.recorded_at,
  side: row.side,
  from: row.from_state ?? undefined,
  to: row.to_state ?? undefined,
  reason: row.reason ?? undefined,
  tokenJti: row.token_jti ?? undefined,
  dueOn: row.due_on ?? undefined,
  replacedBy: row.replaced_by ?? undefined,
  thumbprint: row.thumbprint ?? undefined,
  date: row.date ?? undefined,
  reconciliation: row.reconciliation ?? undefined,
  reversalAttempt: row.reversal_attempt ?? undefined,
  mandate:
    row.mandate_id === null
      ? undefined
      : { mandateId: row.mandate_id, requestReference: row.request_reference ?? undefined },
  debit:
    row.debit_id === null || row.end_to_end_id === null
      ? undefined
      : { debitId: row.debit_id, endToEndId: row.end_to_end_id },
  certificate: row.certificate ?? undefined,
});
