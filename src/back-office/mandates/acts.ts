import { html } from 'hono/html';
import { type BankAct, bankReasons, courseOf, parseBankReason, proposeAct } from '../../mandates/bank-acts.ts';
import type { FoundMandate } from '../../mandates/search.ts';
import { PageFault } from '../fault.ts';
import { mandateBadge } from '../look/badge.ts';
import { callout, descriptions, section } from '../look/blocks.ts';
import { selectField, textareaField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, submitButton } from '../look/form.ts';
import { buttonLink, link, ltr, nameText, ribText } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { actPath } from './mandate-page.ts';
import { employerName, type MandateParts, mandateOfVisit } from './shared.ts';

/** The form on which an act is proposed: what it will do, why for the creditor, why for the bank. */
export async function actForm(parts: MandateParts, visit: Visit, act: BankAct): Promise<PageAnswer> {
  return formPage(visit, act, await mandateOfVisit(parts, visit), {});
}

/** Proposes it; another person decides. */
export async function sendAct(parts: MandateParts, visit: Visit, act: BankAct): Promise<PageAnswer> {
  const { words, staff, from, now } = visit;
  const found = await mandateOfVisit(parts, visit);
  const remark = (visit.form.get('remark') ?? '').trim();
  const reason = parseBankReason(act, visit.form.get('reason') ?? '');
  const faults: Record<string, string> = {};
  if (reason === undefined) faults.reason = words.say('mandates.fault.reason');
  if (remark.length < 3) faults.remark = words.say('mandates.fault.remark-missing');
  if (remark.length > 500) faults.remark = words.say('mandates.fault.remark-long');
  if (reason === undefined || Object.keys(faults).length > 0) return formPage(visit, act, found, faults);
  const { mandateId } = found.mandate;
  const outcome = await proposeAct(parts.db, {
    ...{ mandateId, act, reason, remark, from, now },
    by: staff.subject,
    agencies: staff.agencies,
  });
  switch (outcome.outcome) {
    case 'PROPOSED':
    case 'ALREADY_WAITING':
      return {
        answer: 'GO',
        to: `/approvals/${outcome.proposalId}`,
        notice: words.say(outcome.outcome === 'PROPOSED' ? 'mandates.proposed' : 'mandates.already-waiting'),
      };
    case 'NOT_FOUND':
      throw new PageFault('not-found');
    case 'NOT_POSSIBLE':
      return formPage(visit, act, found, {});
  }
}

function formPage(visit: Visit, act: BankAct, { mandate, state, debtor }: FoundMandate, faults: Faults): PageAnswer {
  const { words } = visit;
  const { mandateId } = mandate;
  const back = `/mandates/${mandateId}`;
  const title = words.say(`mandates.act.${act}`);
  if (courseOf(act, mandate, state).course !== 'CHANGE') {
    const content = html`${callout('warning', words.say(`mandates.impossible.${state}`))}${actions(buttonLink(back, words.say('mandates.back'), 'primary'))}`;
    return { answer: 'PAGE', status: 409, title, content };
  }
  const content = html`
${faultSummary(words, faults)}
${callout(act === 'revocation' ? 'danger' : 'info', words.say('mandates.consequence'), words.say(`mandates.consequence.${act}`))}
${section(
  words.say('mandates.concerned'),
  descriptions([
    [words.say('mandates.employer'), nameText(employerName(words, debtor))],
    [words.say('mandates.employer-number'), ltr(mandate.employerNumber)],
    [words.say('mandates.rib'), ribText(debtor.rib)],
    [words.say('mandates.state'), mandateBadge(words, state)],
  ]),
)}
${form({
  visit,
  action: actPath(mandateId, act),
  content: html`${selectField({
    ...{ name: 'reason', required: true, value: visit.form.get('reason') ?? '', fault: faults.reason },
    label: words.say('mandates.reason-told'),
    hint: words.say('mandates.reason-told-hint'),
    none: words.say('mandates.choose'),
    choices: bankReasons[act].map((reason) => ({ value: reason, label: words.say(`mandates.reason.${reason}`) })),
  })}
${textareaField({
  ...{ name: 'remark', required: true, maxLength: 500, value: visit.form.get('remark') ?? '', fault: faults.remark },
  label: words.say('mandates.remark'),
  hint: words.say('mandates.remark-hint'),
})}
${actions(submitButton({ label: words.say(`mandates.propose.${act}`) }), buttonLink(back, words.say('mandates.back')))}`,
})}
${act === 'suspension' ? html`<p>${words.say('mandates.urgent')} ${link(`/stops/new?mandate=${mandateId}`, words.say('mandates.do.stop'))}</p>` : ''}`;
  return {
    answer: 'PAGE',
    status: Object.keys(faults).length > 0 ? 422 : 200,
    title,
    content,
    read: [{ kind: 'mandate.read', subjectId: mandateId }],
  };
}
