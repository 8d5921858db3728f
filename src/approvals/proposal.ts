import { createHash } from 'node:crypto';
import type { Branded } from '../values/branded.ts';
import { isUuidV7, uuidV7 } from '../values/ids.ts';

/** A proposal's name: UUIDv7. */
export type ProposalId = Branded<string, 'ProposalId'>;

export const parseProposalId = (text: string): ProposalId | undefined =>
  isUuidV7(text) ? (text as ProposalId) : undefined;

export const newProposalId = (now: Date): ProposalId => uuidV7(now) as ProposalId;

/** EXPIRED: nobody decided within its term. What is approved is done at once, in the same transaction. */
export type ProposalState = 'WAITING' | 'APPROVED' | 'REFUSED' | 'WITHDRAWN' | 'EXPIRED';

/** What JSON holds: texts rather than numbers for money, since a number would lose centimes. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What is to be done: ids, codes and amounts, never a name or a RIB. */
export type ProposalContent = { readonly [name: string]: Json };

/** Something that one member of staff asks for and another decides on. */
export type Proposal = {
  proposalId: ProposalId;
  /** `feature.act`, such as `mandate.suspension`. */
  kind: string;
  /** What it is done to: an id, a code, a thumbprint. Undefined where it is yet to be made. */
  subjectId: string | undefined;
  /** Whose staff may see it; undefined: it concerns the whole bank. */
  agencyCode: string | undefined;
  content: ProposalContent;
  contentHash: string;
  /** In the proposer's own words: for staff alone. */
  reason: string;
  proposedBy: string;
  proposedAt: Date;
  endsAt: Date;
  /** As stored: what holds now is `stateAt`. */
  state: ProposalState;
  decidedBy: string | undefined;
  decidedAt: Date | undefined;
  decisionRemark: string | undefined;
};

/** How long a proposal may wait: an approval is of what was just looked at. */
export const proposalHours = 24;

/** The state that holds at that instant: the term decides it, a job only writes it down. */
export const stateAt = ({ state, endsAt }: Pick<Proposal, 'state' | 'endsAt'>, now: Date): ProposalState =>
  state === 'WAITING' && now.getTime() > endsAt.getTime() ? 'EXPIRED' : state;

/** Whose proposals a member of staff sees. */
export type Agencies = 'ALL' | readonly string[];

/** Whether staff of these agencies see it. */
export const maySee = ({ agencyCode }: Pick<Proposal, 'agencyCode'>, agencies: Agencies): boolean =>
  agencies === 'ALL' || agencyCode === undefined || agencies.includes(agencyCode);

/** SHA-256, in hexadecimal, of what would be done to what: the same for the same content however it is written. */
export function proposalHashOf({ kind, subjectId, content }: Pick<Proposal, 'kind' | 'subjectId' | 'content'>): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, subjectId ?? null, canonical(content)]))
    .digest('hex');
}

/** The names of every object in order, since the database keeps them in its own. */
function canonical(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(canonical);
  const names = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return names.map(([name, member]) => [name, canonical(member)]);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
