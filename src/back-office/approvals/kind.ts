import type { Apply } from '../../approvals/decide.ts';
import type { Prepare } from '../../approvals/decide-when-ready.ts';
import type { Proposal, ProposalId } from '../../approvals/proposal.ts';
import type { Html, Reading, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { Role } from '../staff.ts';
import type { WordKey } from '../words/words.ts';

/**
 * Something that is done under four eyes: its feature proposes it (`propose` of approvals/propose.ts), the approvals'
 * pages show it, ask the second person, and let `apply` do it in the transaction of the approval. Each section makes
 * its own in `src/back-office/<section>/kinds.ts` and adds them to `approvalKinds` (kinds.ts beside this file).
 */
export type ApprovalKind = {
  /** `feature.act`, as it was proposed. */
  kind: string;
  /** What is proposed, in a few words. */
  title: WordKey;
  /** Who may approve and refuse. */
  approve: readonly Role[];
  /** Where it takes more than such a role. */
  mayDecide?: (visit: Visit, proposal: Proposal) => boolean;
  /** Who else sees it among what waits: whoever may propose it, and the auditor. */
  see: readonly Role[];
  /** What each is about, in a few words, for the list of what waits: an employer's name. Else the subject's id. */
  about?: (visit: Visit, proposals: readonly Proposal[]) => Promise<About>;
  /** What it would change, for who is to decide: read now, under the reader's agencies. */
  describe: (visit: Visit, proposal: Proposal) => Promise<Description>;
  /** Where the second person compares it with what came another way, such as on paper: by typing that, unseen here. */
  compare?: (visit: Visit, proposal: Proposal) => Promise<Comparison | undefined>;
  apply: Apply;
  /** Where something outside the database must be asked or signed first: taken instead of `apply`, by `decideWhenReady`. */
  prepare?: Prepare;
  /** Told once the approval has committed: to drop what was cached. */
  applied?: () => void;
  /** What to tell where `apply` answers IMPOSSIBLE with this code. */
  impossible: (why: string) => WordKey;
};

/** What proposals are about, and what the texts show of whom. */
export type About = { texts: ReadonlyMap<ProposalId, string>; read: readonly Reading[] };

export type Comparison = {
  label: string;
  hint: string;
  /** What to tell where it does not agree. */
  fault: string;
  agrees: (typed: string) => boolean;
};

export type Description = {
  /** Facts, each with its name in the reader's language. */
  rows: readonly { label: string; value: Html | string }[];
  /** The page of what it is done to. */
  subject: { text: string; to: string } | undefined;
  /** Names and RIBs that the rows show. */
  read?: readonly Reading[];
};

/** What a section makes its kinds of. */
export type KindParts = BackOfficeParts;
