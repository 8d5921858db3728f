import { html } from 'hono/html';
import { attachScan, largestScanBytes, readScan } from '../../mandates/attach-scan.ts';
import { reviewRequest } from '../../mandates/review.ts';
import { submitMandate } from '../../mandates/submit.ts';
import { columns, section } from '../look/blocks.ts';
import { fileField } from '../look/fields.ts';
import { actions, faultSummary, form, postButton, submitButton } from '../look/form.ts';
import { buttonLink, type Content, nameText } from '../look/text.ts';
import { lifeOf, peopleIn } from '../mandates/life.ts';
import { comparisonSection } from '../mandates/sections.ts';
import { readingsOf } from '../mandates/shared.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { accountSection, type Shown, scanSection, sourceSection, standing, termsSection } from './review-sections.ts';
import {
  checkers,
  makers,
  mandateIdIn,
  memberOf,
  notFound,
  overtaken,
  type RequestParts,
  requestPath,
} from './shared.ts';

/** A request and all that is looked at before it is certified. Once it is, the mandate has a page of its own. */
export async function reviewPage(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const review = await reviewOf(parts, visit);
  if (review.certificate !== undefined) return { answer: 'GO', to: `/mandates/${review.mandate.mandateId}` };
  return pageOf(visit, review, undefined);
}

/** Lays a draft before the supervisors. */
export async function submitRequest({ desk }: RequestParts, visit: Visit): Promise<PageAnswer> {
  const mandateId = mandateIdIn(visit);
  const { outcome } = await submitMandate(desk, { mandateId, ...memberOf(visit) });
  switch (outcome) {
    case 'DONE':
      return { answer: 'GO', to: requestPath(mandateId), notice: visit.words.say('requests.submitted') };
    case 'NOT_FOUND':
      return notFound();
    case 'WRONG_STATE':
    case 'SAME_PERSON':
      return overtaken(visit, mandateId);
  }
}

/** Attaches the signed form. */
export async function attachForm(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, uploads } = visit;
  const mandateId = mandateIdIn(visit);
  const content = uploads.get('scan')?.bytes ?? Buffer.alloc(0);
  const { outcome } = await attachScan(parts.desk, { mandateId, content, ...memberOf(visit) });
  switch (outcome) {
    case 'DONE':
      return { answer: 'GO', to: requestPath(mandateId), notice: words.say('requests.scan-kept') };
    case 'NOT_FOUND':
      return notFound();
    case 'WRONG_STATE':
      return overtaken(visit, mandateId);
    case 'EMPTY':
    case 'TOO_LARGE':
    case 'WRONG_TYPE':
      return pageOf(visit, await reviewOf(parts, visit), words.say(`requests.scan-fault.${outcome}`));
  }
}

/** The bytes as they were kept. Shown by the browser as the type that was found, and never as another. */
export async function scanFile({ desk }: RequestParts, visit: Visit): Promise<PageAnswer> {
  const mandateId = mandateIdIn(visit);
  const scan = await readScan(desk, { mandateId, digest: visit.params.digest ?? '', agencies: visit.staff.agencies });
  if (scan === undefined) return notFound();
  const ending = { 'application/pdf': 'pdf', 'image/png': 'png', 'image/jpeg': 'jpg' }[scan.mediaType];
  return {
    answer: 'FILE',
    type: scan.mediaType,
    name: `request-${mandateId}.${ending}`,
    content: scan.content,
    inline: true,
    foreign: true,
    read: [{ kind: 'mandate.read', subjectId: mandateId }],
  };
}

export async function reviewOf({ db, desk, agencies }: RequestParts, visit: Visit): Promise<Shown> {
  const { staff, now } = visit;
  const review = (await reviewRequest(desk, mandateIdIn(visit), { agencies: staff.agencies, now })) ?? notFound();
  const people = [...peopleIn(review), ...review.scans.map(({ attachedBy }) => attachedBy)];
  const names = await selectStaffNames(db, [...new Set(people)]);
  return { ...review, agencies, named: (person) => nameText(names.get(person) ?? person) };
}

function pageOf(visit: Visit, review: Shown, scanFault: string | undefined): PageAnswer {
  const { words, now } = visit;
  const content = html`${faultSummary(words, scanFault === undefined ? {} : { scan: scanFault })}
${standing(visit, review)}
${actionsFor(visit, review)}
${reviewContent(visit, review, attachFields(visit, review, scanFault))}
${section(words.say('requests.life'), lifeOf(words, review, { now, named: review.named }))}`;
  return {
    answer: 'PAGE',
    status: scanFault === undefined ? 200 : 422,
    title: words.say('requests.one-title', { number: review.mandate.employerNumber }),
    content,
    read: readingsOf(review),
  };
}

/** What is compared before a decision: the same here and where it is certified. */
export const reviewContent = ({ words }: Pick<Visit, 'words'>, review: Shown, attach: Content): Html =>
  html`${accountSection(words, review)}
${sourceSection(words, review)}
${comparisonSection(words, review)}
${columns(termsSection(words, review), scanSection(words, review, attach))}`;

/** What this person may do next. Whoever made it is told that another must certify it. */
function actionsFor(visit: Visit, { mandate, state }: Shown): Content {
  const { words, staff } = visit;
  const { mandateId } = mandate;
  const path = (part: string) => requestPath(mandateId, part);
  if (state === 'DRAFT' && hasRole(staff, makers))
    return actions(
      postButton({ visit, action: path('submit'), label: words.say('requests.submit'), tone: 'primary' }),
      buttonLink(path('edit'), words.say('requests.edit')),
    );
  if (state !== 'PENDING_CERTIFICATION' || !hasRole(staff, checkers)) return '';
  if (mandate.makers.includes(staff.subject))
    return html`<p class="callout alert alert-info">${words.say('requests.yours')}</p>`;
  return actions(
    buttonLink(path('certify'), words.say('requests.certify'), 'primary'),
    buttonLink(path('send-back'), words.say('requests.send-back')),
    buttonLink(path('refuse'), words.say('requests.refuse')),
  );
}

function attachFields(visit: Visit, { mandate, state }: Shown, fault: string | undefined): Content {
  const { words, staff } = visit;
  if (state !== 'DRAFT' || !hasRole(staff, makers)) return '';
  return form({
    ...{ visit, action: requestPath(mandate.mandateId, 'scan'), files: true },
    content: html`${fileField({
      ...{ name: 'scan', fault, required: true, accept: '.pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg' },
      label: words.say('requests.scan-file'),
      hint: words.say('requests.scan-hint', { megabytes: largestScanBytes / 1_048_576 }),
    })}
${actions(submitButton({ label: words.say('requests.scan-attach'), tone: 'plain' }))}`,
  });
}
