import type { Queryable } from '../database/queryable.ts';
import { addDays, algiersDay, startOfAlgiersDay } from '../values/dates.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import { draftDays, type Mandate } from './mandate.ts';
import { type MandateRow, mandateColumns, mandateOf } from './mandate-row.ts';

/** The queue of authorisation requests, by what is to be done next. */
export const queues = ['waiting', 'drafts', 'sent-back', 'refused'] as const;
export type Queue = (typeof queues)[number];

export type QueueFilter = {
  queue: Queue;
  agencies: 'ALL' | readonly string[];
  creditor: CreditorCode | undefined;
  /** Leaves out what this person may not certify, having made it. */
  notMadeBy: string | undefined;
  now: Date;
};

/** Where the page before ended. */
export type QueuePlace = { since: Date; mandateId: MandateId };

export type Queued = {
  mandate: Mandate;
  nameFr: string;
  nameAr: string;
  rib: Rib;
  /** BANK: typed by staff. */
  source: 'BANK' | 'IMPORT' | 'CREDITOR';
};

/** One page of the queue. What waits longest comes first; drafts and what was refused, the newest first. */
export async function listQueue(
  db: Queryable,
  { after, limit, ...filter }: QueueFilter & { after: QueuePlace | undefined; limit: number },
): Promise<Queued[]> {
  const oldestFirst = filter.queue === 'waiting' || filter.queue === 'sent-back';
  const [beyond, order] = oldestFirst ? ['>', 'asc'] : ['<', 'desc'];
  const { rows } = await db.query<
    MandateRow & { name_fr: string; name_ar: string; rib: Rib; source: Queued['source'] }
  >({
    name: oldestFirst ? 'list-queue-oldest' : 'list-queue-newest',
    text: `
      select ${mandateColumns}, name_fr, name_ar, rib,
             coalesce((select source from request_sources where request_sources.mandate_id = mandates.mandate_id), 'BANK')
               as source
        from mandates join mandate_debtors using (mandate_id)
       where ${inQueue} and ($7::timestamptz is null or (state_since, mandate_id) ${beyond} ($7, $8::uuid))
       order by state_since ${order}, mandate_id ${order} limit $9`,
    values: [...valuesOf(filter), after?.since ?? null, after?.mandateId ?? null, limit],
  });
  return rows.map((row) => ({
    mandate: mandateOf(row),
    nameFr: row.name_fr,
    nameAr: row.name_ar,
    rib: row.rib,
    source: row.source,
  }));
}

export type QueueCounts = {
  drafts: number;
  sentBack: number;
  waiting: number;
  /** Of those that wait, the ones that this person may certify. */
  waitingForMe: number;
  /** Since when the first of them has waited. */
  waitingSince: Date | undefined;
};

/** What waits for whom: for officers drafts and what was sent back, for supervisors what was submitted. */
export async function countQueue(
  db: Queryable,
  { agencies, me, now }: { agencies: QueueFilter['agencies']; me: string; now: Date },
): Promise<QueueCounts> {
  const { rows } = await db.query<{
    drafts: number;
    sent_back: number;
    waiting: number;
    waiting_for_me: number;
    waiting_since: Date | null;
  }>({
    name: 'count-queue',
    text: `
      select count(*) filter (where state = 'DRAFT' and submitted_at is null)::integer as drafts,
             count(*) filter (where state = 'DRAFT' and submitted_at is not null)::integer as sent_back,
             count(*) filter (where state = 'PENDING_CERTIFICATION')::integer as waiting,
             count(*) filter (where state = 'PENDING_CERTIFICATION' and $2 <> all (makers))::integer as waiting_for_me,
             min(state_since) filter (where state = 'PENDING_CERTIFICATION' and $2 <> all (makers)) as waiting_since
        from mandates
       where state in ('DRAFT', 'PENDING_CERTIFICATION') and state_since >= $3
         -- Not a join: the whole table of debtors would be read for those who see every agency.
         and ($1::text[] is null or exists (
               select from mandate_debtors as debtor
                where debtor.mandate_id = mandates.mandate_id and debtor.agency_code = any ($1)))`,
    values: [agencies === 'ALL' ? null : agencies, me, untouchedSince(now)],
  });
  const [row] = rows;
  return {
    drafts: row?.drafts ?? 0,
    sentBack: row?.sent_back ?? 0,
    waiting: row?.waiting ?? 0,
    waitingForMe: row?.waiting_for_me ?? 0,
    waitingSince: row?.waiting_since ?? undefined,
  };
}

const inQueue = `state = $1 and state in ('DRAFT', 'PENDING_CERTIFICATION', 'REFUSED')
         and ($2::boolean is null or (submitted_at is not null) = $2)
         and ($3::text[] is null or agency_code = any ($3)) and ($4::text is null or creditor_code = $4)
         and ($5::text is null or $5 <> all (makers)) and ($1 = 'REFUSED' or state_since >= $6)`;

function valuesOf({ queue, agencies, creditor, notMadeBy, now }: QueueFilter): unknown[] {
  const [state, submitted] = stored[queue];
  return [
    state,
    submitted,
    agencies === 'ALL' ? null : agencies,
    creditor ?? null,
    notMadeBy ?? null,
    untouchedSince(now),
  ];
}

/** A draft that was submitted before was sent back. */
const stored: Readonly<Record<Queue, readonly [state: string, submittedBefore: boolean | null]>> = {
  waiting: ['PENDING_CERTIFICATION', null],
  drafts: ['DRAFT', false],
  'sent-back': ['DRAFT', true],
  refused: ['REFUSED', null],
};

/** What was in its state before this has expired, whether that is written down yet or not. */
const untouchedSince = (now: Date): Date => startOfAlgiersDay(addDays(algiersDay(now), -draftDays));
