import type { Queryable } from '../database/queryable.ts';
import { mayRun } from '../jobs/work.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../values/dates.ts';
import type { CreditorCode, EmployerNumber, MandateId } from '../values/ids.ts';
import { draftDays, type Mandate, type MandateState, statesBefore } from './mandate.ts';
import { type MandateRow, mandateColumns, mandateOf } from './mandate-row.ts';

export type MandateFilter = {
  /** Only what this creditor may see; undefined for staff, who see all. */
  visibleTo: CreditorCode | undefined;
  employerNumber: EmployerNumber | undefined;
  /** As it holds today, whatever is stored. */
  state: MandateState | undefined;
  /** Where the page before ended. */
  before: MandateId | undefined;
  limit: number;
  today: Day;
};

/** Newest first, since ids sort by time. */
export async function selectMandates(db: Queryable, filter: MandateFilter): Promise<Mandate[]> {
  const { rows } = await db.query<MandateRow>({
    name: 'select-mandates',
    text: `
      select ${mandateColumns} from mandates
       where ($1::text is null or (creditor_code = $1 and (origin = 'CREDITOR' or shown_at is not null)))
         and ($2::text is null or employer_number = $2)
         and ($3::text is null or $3 = case
               when state in ('CERTIFIED', 'ACTIVE', 'SUSPENDED') and valid_to < $6::date then 'EXPIRED'
               when state in ('DRAFT', 'PENDING_CERTIFICATION') and state_since < $7 then 'EXPIRED'
               else state end)
         and ($4::uuid is null or mandate_id < $4)
       order by mandate_id desc limit $5`,
    values: [
      filter.visibleTo ?? null,
      filter.employerNumber ?? null,
      filter.state ?? null,
      filter.before ?? null,
      filter.limit,
      filter.today,
      draftsBefore(filter.today),
    ],
  });
  return rows.map(mandateOf);
}

export async function selectMandate(db: Queryable, mandateId: MandateId): Promise<Mandate | undefined> {
  const { rows } = await db.query<MandateRow>({
    name: 'select-mandate',
    text: `select ${mandateColumns} from mandates where mandate_id = $1`,
    values: [mandateId],
  });
  return rows.map(mandateOf)[0];
}

/** Reads it and keeps everyone else from changing it, debits too, until the transaction ends. */
export async function lockMandate(db: Queryable, mandateId: MandateId): Promise<Mandate | undefined> {
  const { rows } = await db.query<MandateRow>({
    name: 'lock-mandate',
    text: `select ${mandateColumns} from mandates where mandate_id = $1 for no key update`,
    values: [mandateId],
  });
  return rows.map(mandateOf)[0];
}

/** The same for all that replaced each other, in the one order in which everyone locks mandates. */
export async function lockChainOf(db: Queryable, mandateId: MandateId): Promise<Mandate[]> {
  const { rows } = await db.query<MandateRow>({
    name: 'lock-chain',
    text: `select ${mandateColumns} from mandates
            where chain_id = (select chain_id from mandates where mandate_id = $1)
            order by chain_id, mandate_id for no key update`,
    values: [mandateId],
  });
  return rows.map(mandateOf);
}

/** What put each of these out of service, where one did: it was accepted at the instant in which they were replaced. */
export async function selectReplacements(
  db: Queryable,
  mandateIds: readonly MandateId[],
): Promise<ReadonlyMap<MandateId, MandateId>> {
  const { rows } = await db.query<{ mandate_id: MandateId; replaced_by: MandateId }>({
    name: 'select-replacements',
    text: `select old.mandate_id, new.mandate_id as replaced_by
             from mandates old join mandates new on new.chain_id = old.chain_id and new.accepted_at = old.state_since
            where old.mandate_id = any ($1::uuid[]) and old.state = 'REPLACED' and new.mandate_id <> old.mandate_id`,
    values: [mandateIds],
  });
  return new Map(rows.map((row) => [row.mandate_id, row.replaced_by]));
}

/** Who did something to a mandate, as the journal keeps it. */
export type Actor =
  | { side: 'bank'; by: string; from: string }
  | { side: 'creditor'; by: string; requestJti: string }
  | { side: 'gateway' };

export type MandateEvent =
  | 'submitted'
  | 'sent-back'
  | 'refused'
  | 'shown'
  | 'accepted'
  | 'suspended'
  | 'resumed'
  | 'revoked'
  | 'replaced';

/** One change of a mandate that the transaction has locked. What is undefined stays. */
export type Change = {
  event: MandateEvent;
  to: MandateState;
  at: Date;
  actor: Actor;
  reason?: string | undefined;
  detail?: Readonly<Record<string, string>>;
  suspendedByBank?: boolean;
  suspendedByCreditor?: boolean;
  submittedAt?: Date;
  /** The approved proposal of what the bank does: the database holds its flag to it. */
  proposalId?: string;
  /** Counts among those who may not certify it. */
  maker?: string;
  shownAt?: Date;
  acceptedAt?: Date;
};

/** Changes it, with the journal row that tells of it. Throws where the table of states knows no such step. */
export async function changeMandate(
  db: Queryable,
  { mandateId, state: from }: Mandate,
  change: Change,
): Promise<Mandate> {
  const { actor } = change;
  const { rows } = await db.query<MandateRow>({
    name: 'change-mandate',
    text: `
      with changed as (
        update mandates
           set state = $3, state_since = case when state = $3 then state_since else $4 end,
               suspended_by_bank = coalesce($5, suspended_by_bank),
               suspended_by_creditor = coalesce($6, suspended_by_creditor),
               submitted_at = coalesce($7, submitted_at),
               makers = case when $8::text is null or $8 = any (makers) then makers else array_append(makers, $8) end,
               shown_at = coalesce(shown_at, $9), accepted_at = coalesce(accepted_at, $10),
               bank_act_as = coalesce($18::uuid, bank_act_as)
         where mandate_id = $1 and state = $2 and (state = $3 or state = any ($11::text[]))
        returning ${mandateColumns}
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, reason, side, actor, request_jti, detail)
        select creditor_code, $12, mandate_id, $2, $3, $13, $14, $15, $16, $17::jsonb from changed
      )
      select * from changed`,
    values: [
      mandateId,
      from,
      change.to,
      change.at,
      change.suspendedByBank ?? null,
      change.suspendedByCreditor ?? null,
      change.submittedAt ?? null,
      change.maker ?? null,
      change.shownAt ?? null,
      change.acceptedAt ?? null,
      statesBefore(change.to),
      `mandate.${change.event}`,
      change.reason ?? null,
      actor.side,
      actor.side === 'gateway' ? null : actor.by,
      actor.side === 'creditor' ? actor.requestJti : null,
      JSON.stringify({
        ...change.detail,
        ...(change.proposalId !== undefined && { proposal: change.proposalId }),
        ...(actor.side === 'bank' && { from: actor.from }),
      }),
      change.proposalId ?? null,
    ],
  });
  const [changed] = rows.map(mandateOf);
  if (changed === undefined) throw new Error(`no mandate goes from ${from} to ${change.to}`);
  return changed;
}

/** Until when the creditor's writes are known: one that was signed before this comes too late. */
export async function noteSigned(db: Queryable, mandateId: MandateId, signedAt: Date): Promise<void> {
  await db.query({
    name: 'note-signed-mandate',
    text: 'update mandates set last_signed_at = greatest(last_signed_at, $2) where mandate_id = $1',
    values: [mandateId, signedAt],
  });
}

const isPast = `
  ((state in ('CERTIFIED', 'ACTIVE', 'SUSPENDED') and valid_to < $1::date)
   or (state in ('DRAFT', 'PENDING_CERTIFICATION') and state_since < $2::timestamptz))`;

/** Those whose time has passed, which is still to be written down. */
export async function selectMandatesToExpire(db: Queryable, now: Date, most: number): Promise<MandateId[]> {
  const { rows } = await db.query<{ mandate_id: MandateId }>({
    name: 'select-mandates-to-expire',
    text: `select mandate_id from mandates where ${isPast} and ${mayRun('expiries', 'mandates.mandate_id')} limit $3`,
    values: [algiersDay(now), draftsBefore(algiersDay(now)), most],
  });
  return rows.map((row) => row.mandate_id);
}

/** Writes down, for those of them whose time has passed, what holds already. */
export async function expireMandatesDue(db: Queryable, now: Date, mandateIds: readonly MandateId[]): Promise<void> {
  await db.query({
    name: 'expire-mandates',
    text: `
      with due as (
        select mandate_id, state from mandates where mandate_id = any ($4::uuid[]) and ${isPast}
         order by chain_id, mandate_id for no key update skip locked
      ), expired as (
        update mandates set state = 'EXPIRED', state_since = $3
          from due where mandates.mandate_id = due.mandate_id and due.state = any ($5::text[])
        returning mandates.mandate_id, creditor_code, due.state as from_state
      )
      insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
      select creditor_code, 'mandate.expired', mandate_id, from_state, 'EXPIRED', 'gateway' from expired`,
    values: [algiersDay(now), draftsBefore(algiersDay(now)), now, mandateIds, statesBefore('EXPIRED')],
  });
}

/** Requests that were in their state before this instant have waited too long. */
const draftsBefore = (today: Day): Date => startOfAlgiersDay(addDays(today, -draftDays));
