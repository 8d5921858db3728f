import { html } from 'hono/html';
import { listWaiting } from '../../approvals/look-up.ts';
import { type Proposal, parseProposalId } from '../../approvals/proposal.ts';
import { badge } from '../look/badge.ts';
import { cursorName, emptyState, pager, table } from '../look/table.ts';
import { instantText, link, ltr, nameText } from '../look/text.ts';
import type { BackOfficePage, Html, PageAnswer, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { hasRole, roles } from '../staff.ts';
import { type ApprovalParts, seesKind } from './access.ts';
import { decisionPages } from './decisions.ts';
import type { ApprovalKind } from './kind.ts';
import { approvalKinds } from './kinds.ts';
import { proposalPage } from './proposal-page.ts';

/** What waits for a second person, and the pages on which it decides. */
export function approvalPages(parts: BackOfficeParts): BackOfficePage[] {
  const { db, cursors } = parts;
  const approvals: ApprovalParts = { db, cursors, kinds: approvalKinds(parts) };
  return [
    {
      method: 'GET',
      path: '/approvals',
      section: 'approvals',
      roles,
      run: (visit) => waitingPage(approvals, visit),
    },
    {
      method: 'GET',
      path: '/approvals/:proposalId',
      section: 'approvals',
      roles,
      run: (visit) => proposalPage(approvals, visit),
    },
    ...decisionPages(approvals),
  ];
}

const pageRows = 25;

/** What waits, soonest over first. */
async function waitingPage({ db, cursors, kinds }: ApprovalParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now, query } = visit;
  const seen = kinds.filter((kind) => seesKind(visit, kind));
  const names = seen.map(({ kind }) => kind);
  const cursor = query.get(cursorName);
  const after = cursor === null ? undefined : cursors.open(staff.subject, 'approvals', cursor);
  const filter = { kinds: names, agencies: staff.agencies, now };
  const found = await listWaiting(db, {
    ...filter,
    after: after === undefined ? undefined : parseProposalId(after),
    limit: pageRows + 1,
  });
  const rows = found.slice(0, pageRows);
  const last = rows.at(-1);
  const next =
    found.length > pageRows && last !== undefined
      ? cursors.seal(staff.subject, 'approvals', last.proposalId)
      : undefined;
  const title = words.say('approvals.title');
  const kindOf = new Map(seen.map((kind) => [kind.kind, kind]));
  const content = table<Proposal>({
    caption: words.say('approvals.waiting'),
    rows,
    empty: emptyState({ title: words.say('approvals.none'), advice: words.say('approvals.none-advice') }),
    mark: (proposal) => (standsFor(visit, proposal, kindOf.get(proposal.kind)) === 'yours' ? 'warning' : undefined),
    columns: [
      {
        heading: words.say('approvals.what'),
        names: true,
        cell: (proposal) => link(`/approvals/${proposal.proposalId}`, titleOf(visit, kindOf.get(proposal.kind))),
      },
      {
        heading: words.say('approvals.agency'),
        cell: ({ agencyCode }) => (agencyCode === undefined ? words.say('approvals.whole-bank') : ltr(agencyCode)),
      },
      { heading: words.say('approvals.proposed-by'), cell: ({ proposedBy }) => nameText(proposedBy) },
      { heading: words.say('approvals.proposed-at'), cell: ({ proposedAt }) => instantText(words, proposedAt) },
      { heading: words.say('approvals.ends-at'), cell: ({ endsAt }) => instantText(words, endsAt) },
      {
        heading: words.say('approvals.whose-turn'),
        cell: (proposal) => turn(visit, standsFor(visit, proposal, kindOf.get(proposal.kind))),
      },
    ],
  });
  return {
    answer: 'PAGE',
    title,
    content: html`${content}${pager(words, { path: '/approvals', query }, next)}`,
  };
}

const titleOf = ({ words }: Visit, kind: ApprovalKind | undefined): string =>
  kind === undefined ? '' : words.say(kind.title);

type Turn = 'own' | 'yours' | 'others';

function standsFor({ staff }: Visit, { proposedBy }: Proposal, kind: ApprovalKind | undefined): Turn {
  if (proposedBy === staff.subject) return 'own';
  return kind !== undefined && hasRole(staff, kind.approve) ? 'yours' : 'others';
}

const turnTones = { own: 'going', yours: 'attention', others: 'over' } as const;

const turn = ({ words }: Visit, whose: Turn): Html => badge(turnTones[whose], words.say(`approvals.turn.${whose}`));
