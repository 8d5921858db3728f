import { html } from 'hono/html';
import { type CertifyOutcome, certifyMandate } from '../../mandates/certify.ts';
import { refuseMandate } from '../../mandates/refuse.ts';
import { sendMandateBack } from '../../mandates/send-back.ts';
import { callout, descriptions, section } from '../look/blocks.ts';
import { checkboxField, textareaField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, ltr, nameText } from '../look/text.ts';
import { employerName, readingsOf } from '../mandates/shared.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { reviewContent, reviewOf } from './review-page.ts';
import { type Shown, standing } from './review-sections.ts';
import { mandateIdIn, memberOf, notFound, overtaken, type RequestParts, remarkIn, requestPath } from './shared.ts';

/** Everything once more, and the button: what is certified is what stands on this page. */
export async function certifyForm(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const review = await reviewOf(parts, visit);
  const { mandateId, makers } = review.mandate;
  if (review.state !== 'PENDING_CERTIFICATION') return overtaken(visit, mandateId);
  if (makers.includes(visit.staff.subject))
    return { answer: 'GO', to: requestPath(mandateId), notice: visit.words.say('requests.yours') };
  return certifyPage(visit, review, {}, undefined);
}

/** Certifies what the form says was seen. The rule, and the database under it, refuse whoever made it. */
export async function certifyRequest(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, form: sent } = visit;
  const mandateId = mandateIdIn(visit);
  const typed = sent.get('nameDifference') === null ? undefined : remarkIn(visit, 'nameDifference');
  if (typed?.fault !== undefined && typed.remark !== '')
    return certifyPage(visit, await reviewOf(parts, visit), { nameDifference: typed.fault }, undefined);
  const isPaperSeen = sent.get('paperSeen') === 'yes';
  if (!isPaperSeen) {
    const review = await reviewOf(parts, visit);
    if (isWithoutScan(review))
      return certifyPage(visit, review, { paperSeen: words.say('requests.fault.paper-seen') }, undefined);
  }
  const outcome = await certifyMandate(parts.desk, {
    ...{ mandateId, ...memberOf(visit), seenHash: sent.get('seen') ?? '', isPaperSeen },
    nameDifference: typed?.remark || undefined,
  });
  switch (outcome.outcome) {
    case 'DONE':
      return { answer: 'GO', to: `/mandates/${mandateId}`, notice: words.say('requests.certified') };
    case 'NOT_FOUND':
      return notFound();
    case 'WRONG_STATE':
      return overtaken(visit, mandateId);
    case 'HOLDER_DIFFERS':
      return certifyPage(
        visit,
        await reviewOf(parts, visit),
        { nameDifference: words.say('requests.fault.name-difference') },
        undefined,
      );
    case 'SAME_PERSON':
    case 'OTHER_CONTENT':
    case 'SUBMITTED_TOO_LONG_AGO':
    case 'PAST_ITS_LAST_DAY':
    case 'REPLACES_NOTHING':
    case 'ACCOUNT_UNKNOWN':
    case 'ACCOUNT_BLOCKED':
    case 'ACCOUNT_CLOSED':
    case 'UNREACHABLE':
      return certifyPage(visit, await reviewOf(parts, visit), {}, outcome);
  }
}

type Refusal = Exclude<CertifyOutcome, { outcome: 'DONE' | 'NOT_FOUND' | 'WRONG_STATE' | 'HOLDER_DIFFERS' }>;

function certifyPage(visit: Visit, review: Shown, faults: Faults, refusal: Refusal | undefined): PageAnswer {
  const { words } = visit;
  const { mandate } = review;
  const content = html`${faultSummary(words, faults)}
${refusal === undefined ? '' : refused(visit, refusal)}
${standing(visit, review)}
${reviewContent(visit, review, '')}
${refusal?.outcome === 'SAME_PERSON' ? '' : certifySection(visit, review, faults)}
${actions(buttonLink(requestPath(mandate.mandateId), words.say('common.back')))}`;
  return {
    answer: 'PAGE',
    status: refusal === undefined ? (Object.keys(faults).length > 0 ? 422 : 200) : 409,
    title: words.say('requests.certify'),
    content,
    read: readingsOf(review),
  };
}

/** Why not, and what to do about it. */
const refused = ({ words }: Visit, refusal: Refusal): Html =>
  callout(
    'danger',
    words.say(`requests.not-certified.${refusal.outcome}`),
    words.say(`requests.not-certified-advice.${refusal.outcome}`),
  );

function certifySection(visit: Visit, { mandate, account }: Shown, faults: Faults): Html {
  const { words, form: sent } = visit;
  const differs = account.outcome === 'FOUND' && !account.sameHolder;
  return section(
    words.say('requests.decision'),
    form({
      ...{ visit, action: requestPath(mandate.mandateId, 'certify') },
      content: html`<p>${words.say('requests.certify-meaning')}</p>
${hiddenField('seen', mandate.contentHash)}
${
  isWithoutScan({ mandate })
    ? html`${callout('warning', words.say('requests.no-scan-title'), words.say('requests.no-scan-advice'))}${checkboxField(
        {
          ...{ name: 'paperSeen', required: true, checked: sent.get('paperSeen') === 'yes', fault: faults.paperSeen },
          label: words.say('requests.paper-seen'),
        },
      )}`
    : ''
}
${
  differs || faults.nameDifference !== undefined
    ? textareaField({
        ...{ name: 'nameDifference', required: true, maxLength: 500, value: sent.get('nameDifference') ?? '' },
        label: words.say('requests.name-difference'),
        hint: words.say('requests.name-difference-hint'),
        fault: faults.nameDifference,
      })
    : ''
}
<p class="form-text">${words.say('requests.content-hash')} ${ltr(mandate.contentHash)}</p>
${actions(submitButton({ label: words.say('requests.certify-now') }))}`,
    }),
  );
}

/** The signed form was not attached: then the supervisor must have the paper itself. */
const isWithoutScan = ({ mandate }: Pick<Shown, 'mandate'>): boolean => mandate.scanDigest === undefined;

type Ending = 'send-back' | 'refuse';

/** The form on which a request is sent back or refused, with why. */
export async function endingForm(parts: RequestParts, visit: Visit, ending: Ending): Promise<PageAnswer> {
  return endingPage(visit, await reviewOf(parts, visit), ending, undefined);
}

export async function endRequest(parts: RequestParts, visit: Visit, ending: Ending): Promise<PageAnswer> {
  const { words } = visit;
  const { remark, fault } = remarkIn(visit);
  if (fault !== undefined) return endingPage(visit, await reviewOf(parts, visit), ending, fault);
  const mandateId = mandateIdIn(visit);
  const act = { mandateId, ...memberOf(visit), remark };
  const { outcome } = await (ending === 'refuse' ? refuseMandate(parts.desk, act) : sendMandateBack(parts.desk, act));
  switch (outcome) {
    case 'DONE':
      return { answer: 'GO', to: requestPath(mandateId), notice: words.say(`requests.done.${ending}`) };
    case 'NOT_FOUND':
      return notFound();
    case 'WRONG_STATE':
      return overtaken(visit, mandateId);
    case 'SAME_PERSON':
      return { answer: 'GO', to: requestPath(mandateId), notice: words.say('requests.yours') };
  }
}

function endingPage(visit: Visit, review: Shown, ending: Ending, fault: string | undefined): PageAnswer {
  const { words, form: sent } = visit;
  const { mandate, debtor, state } = review;
  if (state !== 'PENDING_CERTIFICATION') return overtaken(visit, mandate.mandateId);
  const content = html`${faultSummary(words, fault === undefined ? {} : { remark: fault })}
${callout(ending === 'refuse' ? 'danger' : 'info', words.say(`requests.meaning.${ending}`), words.say(`requests.meaning-advice.${ending}`))}
${descriptions([
  [words.say('requests.employer'), nameText(employerName(words, debtor))],
  [words.say('requests.field.employerNumber'), ltr(mandate.employerNumber)],
  [words.say('requests.field.creditor'), ltr(mandate.creditor)],
])}
${form({
  ...{ visit, action: requestPath(mandate.mandateId, ending) },
  content: html`${textareaField({
    ...{ name: 'remark', required: true, maxLength: 500, value: sent.get('remark') ?? '', fault },
    label: words.say(`requests.why.${ending}`),
    hint: words.say('requests.why-hint'),
  })}
${actions(
  submitButton({ label: words.say(`requests.${ending}`), tone: ending === 'refuse' ? 'danger' : 'primary' }),
  buttonLink(requestPath(mandate.mandateId), words.say('common.cancel')),
)}`,
})}`;
  return {
    answer: 'PAGE',
    status: fault === undefined ? 200 : 422,
    title: words.say(`requests.${ending}`),
    content,
    read: [{ kind: 'mandate.read', subjectId: mandate.mandateId }],
  };
}
