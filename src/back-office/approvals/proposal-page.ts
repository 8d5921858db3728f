import { html } from 'hono/html';
import { type Proposal, type ProposalState, stateAt } from '../../approvals/proposal.ts';
import { badge, type Tone } from '../look/badge.ts';
import { callout, descriptions, lead, section, timeline } from '../look/blocks.ts';
import { textareaField, textField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, type Content, instantText, nameText } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import type { Words } from '../words/words.ts';
import { type ApprovalParts, maySettle, proposalOfVisit } from './access.ts';
import type { ApprovalKind, Comparison } from './kind.ts';

const tones: Record<ProposalState, Tone> = {
  WAITING: 'attention',
  APPROVED: 'good',
  REFUSED: 'bad',
  WITHDRAWN: 'over',
  EXPIRED: 'over',
};

export const proposalBadge = (words: Words, state: ProposalState): Html =>
  badge(tones[state], words.say(`approvals.state.${state}`));

/** What came of a form on this page that could not be done. */
export type Refusal = { status: 409 | 422; faults?: Faults; message?: string };

/** One proposal: what it would change, why, and the forms of whoever may decide. */
export async function proposalPage(parts: ApprovalParts, visit: Visit, refusal?: Refusal): Promise<PageAnswer> {
  const { proposal, kind } = await proposalOfVisit(parts, visit);
  const { words, now } = visit;
  const state = stateAt(proposal, now);
  const { rows, subject, read } = await kind.describe(visit, proposal);
  const people = [proposal.proposedBy, proposal.decidedBy].filter((one) => one !== undefined);
  const names = await selectStaffNames(parts.db, people);
  const faults = refusal?.faults ?? {};
  const comparison = state === 'WAITING' ? await kind.compare?.(visit, proposal) : undefined;
  const content = html`
${refusal?.message === undefined ? '' : callout('danger', words.say('approvals.not-done'), refusal.message)}
${faultSummary(words, faults)}
${lead(proposalBadge(words, state), state === 'WAITING' ? html`${words.say('approvals.until')} ${instantText(words, proposal.endsAt)}` : '')}
${section(
  words.say('approvals.would-do'),
  html`${descriptions(rows.map(({ label, value }) => [label, value] as const))}`,
  subject === undefined ? '' : buttonLink(subject.to, subject.text),
)}
${section(words.say('approvals.why'), html`<p dir="auto">${proposal.reason}</p>`)}
${section(
  words.say('approvals.course'),
  timeline(
    words,
    courseOf(words, proposal, state, (person) => nameText(names.get(person) ?? person)),
  ),
)}
${state === 'WAITING' ? decisionSection(visit, proposal, kind, { faults, comparison }) : ''}`;
  return {
    answer: 'PAGE',
    status: refusal?.status ?? 200,
    title: words.say(kind.title),
    content,
    ...(read && { read }),
  };
}

function courseOf(words: Words, proposal: Proposal, state: ProposalState, named: (person: string) => Html) {
  const { proposedAt, proposedBy, endsAt, decidedAt, decidedBy, decisionRemark } = proposal;
  const proposed = { at: proposedAt, what: words.say('approvals.event.made'), who: named(proposedBy) };
  if (state === 'WAITING') return [proposed];
  return [
    proposed,
    {
      at: decidedAt ?? endsAt,
      what: words.say(`approvals.state.${state}`),
      who: decidedBy === undefined ? undefined : named(decidedBy),
      reason: decisionRemark === undefined ? undefined : nameText(decisionRemark),
    },
  ];
}

/** The proposer may withdraw; whoever may approve decides; anybody else is told who does. */
function decisionSection(
  visit: Visit,
  proposal: Proposal,
  kind: ApprovalKind,
  { faults, comparison }: { faults: Faults; comparison: Comparison | undefined },
): Content {
  const { words, staff } = visit;
  const path = `/approvals/${proposal.proposalId}`;
  if (proposal.proposedBy === staff.subject) {
    return section(
      words.say('approvals.yours'),
      html`<p>${words.say('approvals.yours-text', { roles: rolesOf(words, kind) })}</p>
${form({
  visit,
  action: `${path}/withdrawal`,
  content: actions(submitButton({ label: words.say('approvals.withdraw'), tone: 'plain' })),
})}`,
    );
  }
  if (!maySettle(visit, kind, proposal))
    return callout(
      'info',
      words.say('approvals.others'),
      words.say('approvals.others-text', { roles: rolesOf(words, kind) }),
    );
  return section(
    words.say('approvals.decide'),
    html`<p>${words.say('approvals.decide-text')}</p>
${form({
  visit,
  action: `${path}/approval`,
  content: html`${hiddenField('seen', proposal.contentHash)}${comparisonField(visit, comparison, faults)}
${actions(submitButton({ label: words.say('approvals.approve'), confirm: words.say('approvals.approve-confirm') }))}`,
})}
<h3>${words.say('approvals.refuse-heading')}</h3>
${form({
  visit,
  action: `${path}/refusal`,
  content: html`${textareaField({
    name: 'remark',
    label: words.say('approvals.refusal-reason'),
    hint: words.say('approvals.refusal-hint'),
    value: visit.form.get('remark') ?? '',
    fault: faults.remark,
    required: true,
    maxLength: 500,
  })}${actions(submitButton({ label: words.say('approvals.refuse'), tone: 'danger' }))}`,
})}`,
  );
}

const comparisonField = ({ form: sent }: Visit, comparison: Comparison | undefined, faults: Faults): Content =>
  comparison === undefined
    ? ''
    : textField({
        ...{ name: 'compared', required: true, ltr: true, maxLength: 120, value: sent.get('compared') ?? '' },
        ...{ label: comparison.label, hint: comparison.hint, fault: faults.compared },
      });

const rolesOf = (words: Words, { approve }: ApprovalKind): string =>
  approve.map((role) => words.say(`common.role.${role}`)).join(' · ');
