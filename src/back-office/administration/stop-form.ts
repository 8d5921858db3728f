import { html } from 'hono/html';
import { creditorsOf } from '../../clients/look-up.ts';
import { lookUpStop } from '../../stops/look-up.ts';
import { makeStop } from '../../stops/make-stop.ts';
import { mandateForStop } from '../../stops/mandate-for-stop.ts';
import { proposeStart } from '../../stops/start-again.ts';
import { parseStopId, type StopScope, type Unaccounted } from '../../stops/stop.ts';
import { type MandateId, parseMandateId } from '../../values/ids.ts';
import { PageFault } from '../fault.ts';
import { callout } from '../look/blocks.ts';
import { radioField, textareaField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, link, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import {
  type AdministrationParts,
  askingOf,
  notFound,
  page,
  proposed,
  reasonFaults,
  statusOf,
  textOf,
} from './shared.ts';
import { stopPage } from './stop-pages.ts';
import { answersFor, wideStoppers } from './stop-roles.ts';

/** What to stop, and why: of a mandate where the address names one, else all or a creditor's. */
export async function stopForm(parts: AdministrationParts, visit: Visit, faults: Faults = {}): Promise<PageAnswer> {
  const { words, staff } = visit;
  const named = textOf(visit.form, 'mandate') || textOf(visit.query, 'mandate');
  const mandateId = parseMandateId(named);
  const mandate = mandateId && (await mandateForStop(parts.db, mandateId, staff.agencies));
  if ((named !== '' && mandate === undefined) || (named === '' && !wideStoppers(visit)))
    return notFound(visit, 'stops');
  const creditors = await creditorsOf(parts.db);
  const asked = textOf(visit.form, 'what') || textOf(visit.query, 'what');
  const scope =
    mandate === undefined
      ? radioField({
          ...{ name: 'what', required: true, value: asked, fault: faults.what },
          label: words.say('administration.what-to-stop'),
          choices: [
            {
              value: 'ALL',
              label: words.say('administration.stop-all'),
              hint: words.say('administration.stop-all-hint'),
            },
            ...creditors.map(({ creditorCode, nameFr, nameAr }) => ({
              value: creditorCode,
              label: words.say('administration.stop-creditor', { creditor: creditorCode }),
              hint: words.language === 'ar' ? nameAr : nameFr,
            })),
          ],
        })
      : html`${hiddenField('mandate', mandate.mandateId)}<p>${words.say('administration.stop-mandate')} ${link(`/mandates/${mandate.mandateId}`, ltr(mandate.mandateId))}</p>`;
  const content = form({
    visit,
    action: '/stops/new',
    content: html`${faultSummary(words, faults)}
${callout('warning', words.say('administration.stop-at-once'), words.say('administration.stop-at-once-text'))}
${scope}
${textareaField({
  ...{
    name: 'remark',
    required: true,
    maxLength: 500,
    rows: 3,
    value: textOf(visit.form, 'remark'),
    fault: faults.remark,
  },
  label: words.say('administration.stop-reason'),
  hint: words.say('administration.stop-reason-hint'),
})}
${actions(submitButton({ label: words.say('administration.stop-now'), tone: 'danger' }), buttonLink('/stops', words.say('common.cancel')))}`,
  });
  return page(visit, 'stops', words.say('administration.stop-debits'), content, statusOf(faults));
}

/** Stops, and says how many were under way. */
export async function postStop(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, form: fields, from, now } = visit;
  const what = await scopeOf(parts, visit);
  if (what === 'NOT_FOUND') return notFound(visit, 'stops');
  const remark = textOf(fields, 'remark');
  const faults = {
    ...(what === undefined && { what: words.say('administration.what-to-stop-missing') }),
    ...reasonFaults(visit, 'remark'),
  };
  if (what === undefined || Object.keys(faults).length > 0) return stopForm(parts, visit, faults);
  const made = await makeStop(parts.db, { what, remark, by: staff.subject, from, now });
  switch (made.outcome) {
    case 'STOPPED': {
      const { sending, inDoubt } = made.underWay;
      const key = made.certain ? 'administration.stopped-notice' : 'administration.stopped-uncertain';
      return { answer: 'GO', to: `/stops/${made.stop.stopId}`, notice: words.say(key, { count: sending + inDoubt }) };
    }
    case 'STANDS_ALREADY':
      return { answer: 'GO', to: `/stops/${made.stop.stopId}`, notice: words.say('administration.stands-already') };
    case 'MANDATE_NOT_FOUND':
      return notFound(visit, 'stops');
  }
}

async function scopeOf({ db }: AdministrationParts, visit: Visit): Promise<StopScope | undefined | 'NOT_FOUND'> {
  const { form: fields, staff } = visit;
  const named = textOf(fields, 'mandate');
  if (named !== '') {
    const mandateId: MandateId | undefined = parseMandateId(named);
    const mandate = mandateId && (await mandateForStop(db, mandateId, staff.agencies));
    return mandate === undefined ? 'NOT_FOUND' : { scope: 'MANDATE', ...mandate };
  }
  if (!wideStoppers(visit)) return 'NOT_FOUND';
  const what = textOf(fields, 'what');
  if (what === 'ALL') return { scope: 'ALL' };
  const creditor = (await creditorsOf(db)).find(({ creditorCode }) => creditorCode === what)?.creditorCode;
  return creditor && { scope: 'CREDITOR', creditor };
}

/** The box that was ticked says which numbers were seen beside it. */
function despiteOf(ticked: string): Unaccounted | undefined {
  const [, unclaimed, unexplained] = /^(\d{1,9})-(\d{1,9})$/.exec(ticked) ?? [];
  return unclaimed === undefined ? undefined : { unclaimed: Number(unclaimed), unexplained: Number(unexplained) };
}

/** Asks for the start: another person approves it. */
export async function postStart(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const stopId = parseStopId(visit.params.stopId ?? '');
  const stop = stopId && (await lookUpStop(parts.db, stopId, visit.staff.agencies));
  if (stop === undefined) return notFound(visit, 'stops');
  if (!answersFor(visit, stop.scope)) throw new PageFault('forbidden');
  const faults = reasonFaults(visit);
  if (Object.keys(faults).length > 0) return stopPage(parts, visit, faults);
  const despite = despiteOf(textOf(visit.form, 'despite'));
  const asked = await proposeStart(parts.db, { stopId: stop.stopId, ...askingOf(visit), despite });
  switch (asked.outcome) {
    case 'UNACCOUNTED':
      return stopPage(parts, visit, { despite: visit.words.say('administration.fault.despite') });
    case 'PROPOSED':
    case 'ALREADY_WAITING':
      return proposed(visit, asked);
    case 'ENDED':
      return { answer: 'GO', to: `/stops/${stop.stopId}`, notice: visit.words.say('administration.stop-ended') };
    case 'NOT_FOUND':
      return notFound(visit, 'stops');
  }
}
