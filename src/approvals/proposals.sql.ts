import type { Queryable } from '../database/queryable.ts';
import type { Proposal, ProposalContent, ProposalId, ProposalState } from './proposal.ts';

type Row = {
  proposal_id: ProposalId;
  kind: string;
  subject_id: string | null;
  agency_code: string | null;
  content: ProposalContent;
  content_hash: string;
  reason: string;
  proposed_by: string;
  proposed_at: Date;
  ends_at: Date;
  state: ProposalState;
  decided_by: string | null;
  decided_at: Date | null;
  decision_remark: string | null;
};

const columns = `proposal_id, kind, subject_id, agency_code, content, content_hash, reason, proposed_by, proposed_at,
  ends_at, state, decided_by, decided_at, decision_remark`;

const proposalOf = (row: Row): Proposal => ({
  proposalId: row.proposal_id,
  kind: row.kind,
  subjectId: row.subject_id ?? undefined,
  agencyCode: row.agency_code ?? undefined,
  content: row.content,
  contentHash: row.content_hash,
  reason: row.reason,
  proposedBy: row.proposed_by,
  proposedAt: row.proposed_at,
  endsAt: row.ends_at,
  state: row.state,
  decidedBy: row.decided_by ?? undefined,
  decidedAt: row.decided_at ?? undefined,
  decisionRemark: row.decision_remark ?? undefined,
});

type New = Omit<Proposal, 'state' | 'decidedBy' | 'decidedAt' | 'decisionRemark'> & { from: string };

/** Writes it, with the journal row that tells of it. False where the same already waits. */
export async function insertProposal(db: Queryable, proposal: New): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'insert-proposal',
    text: `
      with made as (
        insert into proposals (proposal_id, kind, subject_id, agency_code, content, content_hash, reason, proposed_by,
          proposed_at, ends_at)
        values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10)
        on conflict (kind, subject_id) where state = 'WAITING' do nothing
        returning proposal_id, kind, subject_id, content_hash, proposed_by
      ), told as (
        insert into journal (kind, subject_id, to_state, side, actor, detail)
        select 'proposal.made', proposal_id, 'WAITING', 'bank', proposed_by,
               jsonb_strip_nulls(jsonb_build_object('of', kind, 'subject', subject_id, 'content', content_hash, 'from', $11::text))
          from made
      )
      select from made`,
    values: [
      proposal.proposalId,
      proposal.kind,
      proposal.subjectId ?? null,
      proposal.agencyCode ?? null,
      JSON.stringify(proposal.content),
      proposal.contentHash,
      proposal.reason,
      proposal.proposedBy,
      proposal.proposedAt,
      proposal.endsAt,
      proposal.from,
    ],
  });
  return rowCount === 1;
}

export async function selectProposal(db: Queryable, proposalId: ProposalId): Promise<Proposal | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-proposal',
    text: `select ${columns} from proposals where proposal_id = $1`,
    values: [proposalId],
  });
  return rows.map(proposalOf)[0];
}

/** Reads it and keeps everyone else from deciding on it until the transaction ends. */
export async function lockProposal(db: Queryable, proposalId: ProposalId): Promise<Proposal | undefined> {
  const { rows } = await db.query<Row>({
    name: 'lock-proposal',
    text: `select ${columns} from proposals where proposal_id = $1 for update`,
    values: [proposalId],
  });
  return rows.map(proposalOf)[0];
}

export async function selectWaitingOf(
  db: Queryable,
  { kind, subjectId }: Pick<Proposal, 'kind' | 'subjectId'>,
): Promise<ProposalId | undefined> {
  const { rows } = await db.query<{ proposal_id: ProposalId }>({
    name: 'select-waiting-proposal',
    text: `select proposal_id from proposals where kind = $1 and subject_id = $2 and state = 'WAITING'`,
    values: [kind, subjectId ?? null],
  });
  return rows[0]?.proposal_id;
}

type Decided = {
  proposalId: ProposalId;
  state: 'APPROVED' | 'REFUSED' | 'WITHDRAWN';
  by: string;
  from: string;
  now: Date;
  remark?: string | undefined;
};

/** Ends a proposal that the transaction has locked, with the journal row that tells of it. */
export async function storeDecision(db: Queryable, decided: Decided): Promise<Proposal> {
  const { rows } = await db.query<Row>({
    name: 'store-decision',
    text: `
      with decided as (
        update proposals set state = $2, decided_by = $3, decided_at = $4, decision_remark = $5
         where proposal_id = $1 and state = 'WAITING'
        returning ${columns}
      ), told as (
        insert into journal (kind, subject_id, from_state, to_state, side, actor, detail)
        select 'proposal.' || lower($2), proposal_id, 'WAITING', $2, 'bank', $3,
               jsonb_strip_nulls(jsonb_build_object('of', kind, 'subject', subject_id, 'content', content_hash, 'from', $6::text))
          from decided
      )
      select * from decided`,
    values: [decided.proposalId, decided.state, decided.by, decided.now, decided.remark ?? null, decided.from],
  });
  const [proposal] = rows.map(proposalOf);
  if (proposal === undefined) throw new Error('a proposal that was locked is not waiting');
  return proposal;
}

type WaitingFilter = {
  /** Those that the reader may act on or look at. */
  kinds: readonly string[];
  agencies: 'ALL' | readonly string[];
  now: Date;
};

const waiting = `state = 'WAITING' and ends_at >= $3 and kind = any ($1::text[])
          and ($2::text[] is null or agency_code is null or agency_code = any ($2))`;

/** What waits for a decision, oldest first, since that one ends first. */
export async function listWaiting(
  db: Queryable,
  { kinds, agencies, now, after, limit }: WaitingFilter & { after?: ProposalId | undefined; limit: number },
): Promise<Proposal[]> {
  const { rows } = await db.query<Row>({
    name: 'list-waiting-proposals',
    text: `select ${columns} from proposals
            where ${waiting} and proposal_id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
            order by proposal_id limit $5`,
    values: [kinds, agencies === 'ALL' ? null : agencies, now, after ?? null, limit],
  });
  return rows.map(proposalOf);
}

/** How many wait, and until when the first of them does. */
export async function countWaiting(
  db: Queryable,
  { kinds, agencies, now }: WaitingFilter,
): Promise<{ count: number; firstEndsAt: Date | undefined }> {
  const { rows } = await db.query<{ count: number; first_ends_at: Date | null }>({
    name: 'count-waiting-proposals',
    text: `select count(*)::integer as count, min(ends_at) as first_ends_at from proposals where ${waiting}`,
    values: [kinds, agencies === 'ALL' ? null : agencies, now],
  });
  return { count: rows[0]?.count ?? 0, firstEndsAt: rows[0]?.first_ends_at ?? undefined };
}

/** What was ever proposed for one subject, newest first. */
export async function proposalsOf(db: Queryable, subjectId: string, limit = 20): Promise<Proposal[]> {
  const { rows } = await db.query<Row>({
    name: 'proposals-of',
    text: `select ${columns} from proposals where subject_id = $1 order by proposal_id desc limit $2`,
    values: [subjectId, limit],
  });
  return rows.map(proposalOf);
}

/** What one person has proposed, newest first; `before` is the last of the page before. */
export async function proposalsBy(
  db: Queryable,
  person: string,
  { before, limit }: { before?: ProposalId | undefined; limit: number },
): Promise<Proposal[]> {
  const { rows } = await db.query<Row>({
    name: 'proposals-by',
    text: `select ${columns} from proposals where proposed_by = $1 and ($2::uuid is null or proposal_id < $2)
            order by proposal_id desc limit $3`,
    values: [person, before ?? null, limit],
  });
  return rows.map(proposalOf);
}

const expiring = (condition: string) => `
      with expired as (
        update proposals set state = 'EXPIRED', decided_at = $1
         where proposal_id in (select proposal_id from proposals where state = 'WAITING' and ends_at < $1 and ${condition}
                                for update skip locked)
        returning proposal_id, kind, subject_id
      ), told as (
        insert into journal (kind, subject_id, from_state, to_state, side, detail)
        select 'proposal.expired', proposal_id, 'WAITING', 'EXPIRED', 'gateway',
               jsonb_strip_nulls(jsonb_build_object('of', kind, 'subject', subject_id))
          from expired
      )
      select from expired`;

/** Writes down, for some of those whose day is over, what holds already. Answers how many. */
export async function expireProposals(db: Queryable, now: Date, most = 500): Promise<number> {
  const { rowCount } = await db.query({
    name: 'expire-proposals',
    text: expiring(`proposal_id in (select proposal_id from proposals where state = 'WAITING' and ends_at < $1
                                     order by proposal_id limit $2)`),
    values: [now, most],
  });
  return rowCount ?? 0;
}

/** The same for one kind and subject, which may be proposed again then. */
export async function expireProposalsOf(
  db: Queryable,
  { kind, subjectId, now }: Pick<Proposal, 'kind' | 'subjectId'> & { now: Date },
): Promise<void> {
  await db.query({
    name: 'expire-proposals-of',
    text: expiring('kind = $2 and subject_id = $3'),
    values: [now, kind, subjectId ?? null],
  });
}
