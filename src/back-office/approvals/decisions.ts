import { type DecideOutcome, type Deciding, type Decision, decide } from '../../approvals/decide.ts';
import { decideWhenReady } from '../../approvals/decide-when-ready.ts';
import { PageFault } from '../fault.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { roles } from '../staff.ts';
import { type ApprovalParts, maySettle, proposalOfVisit } from './access.ts';
import type { ApprovalKind } from './kind.ts';
import { proposalPage } from './proposal-page.ts';

/** Approve, refuse with a reason, withdraw one's own: each with a fresh sign-in, since keys and clients are among them. */
export function decisionPages(parts: ApprovalParts): BackOfficePage[] {
  const page = (name: string, run: BackOfficePage['run']): BackOfficePage => ({
    method: 'POST',
    path: `/approvals/:proposalId/${name}`,
    section: 'approvals',
    roles,
    fresh: true,
    run,
  });
  return [
    page('approval', (visit) => decided(parts, visit, 'APPROVE', undefined)),
    page('refusal', (visit) => {
      const remark = (visit.form.get('remark') ?? '').trim();
      const message =
        remark.length < 3 ? 'approvals.refusal-missing' : remark.length > 500 ? 'approvals.refusal-long' : undefined;
      return message === undefined
        ? decided(parts, visit, 'REFUSE', remark)
        : proposalPage(parts, visit, { status: 422, faults: { remark: visit.words.say(message) } });
    }),
    page('withdrawal', (visit) => decided(parts, visit, 'WITHDRAW', undefined)),
  ];
}

async function decided(
  parts: ApprovalParts,
  visit: Visit,
  decision: Decision,
  remark: string | undefined,
): Promise<PageAnswer> {
  const { proposal, kind } = await proposalOfVisit(parts, visit);
  const { staff, from, now, words } = visit;
  if (decision !== 'WITHDRAW' && !maySettle(visit, kind, proposal)) throw new PageFault('forbidden');
  const comparison =
    decision === 'APPROVE' && proposal.proposedBy !== staff.subject ? await kind.compare?.(visit, proposal) : undefined;
  if (comparison !== undefined && !comparison.agrees(visit.form.get('compared') ?? ''))
    return proposalPage(parts, visit, { status: 422, faults: { compared: comparison.fault } });
  const outcome = await run(parts, kind, {
    proposalId: proposal.proposalId,
    by: staff.subject,
    from,
    agencies: staff.agencies,
    seenHash: visit.form.get('seen') ?? '',
    decision,
    remark,
    now,
  });
  const notDone = (message: string) => proposalPage(parts, visit, { status: 409, message });
  switch (outcome.outcome) {
    case 'DECIDED': {
      if (decision === 'APPROVE') kind.applied?.();
      return {
        answer: 'GO',
        to: `/approvals/${proposal.proposalId}`,
        notice: words.say(`approvals.done.${decision}`, { what: words.say(kind.title) }),
      };
    }
    case 'NOT_FOUND':
      throw new PageFault('not-found');
    case 'SAME_PERSON':
    case 'NOT_THE_PROPOSER':
    case 'OTHER_CONTENT':
      return notDone(words.say(`approvals.refused.${outcome.outcome}`));
    case 'ENDED':
      return notDone(words.say('approvals.refused.ENDED', { state: words.say(`approvals.state.${outcome.state}`) }));
    case 'IMPOSSIBLE':
      return notDone(words.say(kind.impossible(outcome.why)));
  }
}

const run = ({ db }: ApprovalParts, kind: ApprovalKind, deciding: Deciding): Promise<DecideOutcome> =>
  kind.prepare === undefined ? decide(db, deciding, kind.apply) : decideWhenReady(db, deciding, kind.prepare);
