import { amountInWords } from '../../documents/amount-in-words.ts';
import { type TypedRequest, typedFrom } from '../../mandates/authorisation-request.ts';
import { changeDraft } from '../../mandates/change.ts';
import { requestOf } from '../../mandates/desk.ts';
import { checkRequest, enterMandate } from '../../mandates/enter.ts';
import type { Mandate, MandateOrigin } from '../../mandates/mandate.ts';
import { lookUpForStaff, selectCreditors } from '../../mandates/search.ts';
import { submitMandate } from '../../mandates/submit.ts';
import { parseTypedAmount } from '../../values/centimes.ts';
import { addDays, algiersDay } from '../../values/dates.ts';
import { type MandateId, parseMandateId } from '../../values/ids.ts';
import type { Faults } from '../look/form.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { entryForm, typedIn } from './entry-form.ts';
import { faultsOf, mandateIdIn, memberOf, notFound, overtaken, type RequestParts, requestPath } from './shared.ts';

/** An empty form; with `replaces` it begins from the mandate that is to be replaced. */
export async function newRequest(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const replaces = parseMandateId(visit.query.get('replaces') ?? '');
  if (replaces === undefined) return newPage(parts, visit, emptyRequest(visit), {});
  const { staff, now } = visit;
  const old = await lookUpForStaff(parts.db, replaces, { agencies: staff.agencies, now });
  if (old === undefined) return notFound();
  const { validFrom, validTo, replaceReason, replaceRemark, ...kept } = typedFrom(requestOf(old.mandate, old.debtor));
  const answer = await newPage(parts, visit, { ...emptyRequest(visit), ...kept, replaces, handOver: '' }, {});
  return { ...answer, read: [{ kind: 'mandate.read', subjectId: replaces }] };
}

/** Two years from today, which a form seldom says otherwise. */
function emptyRequest({ now }: Visit): TypedRequest {
  const today = algiersDay(now);
  return { validFrom: today, validTo: addDays(today, 730), period: 'MONTH' };
}

/** Enters what was typed, and submits it if that was asked. */
export async function enterRequest(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const typed = typedIn(visit);
  if (visit.form.get('act') === 'check')
    return newPage(parts, visit, typed, await checked(parts, visit, typed, 'BANK'), true);
  const entered = await enterMandate(parts.desk, { typed, ...memberOf(visit) });
  if (entered.outcome === 'FAULTS') return newPage(parts, visit, typed, faultsOf(visit.words, entered.faults));
  return savedOrSubmitted(parts, visit, entered.mandateId);
}

/** The same form over a draft. */
export async function editRequest(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { db } = parts;
  const mandateId = mandateIdIn(visit);
  const found = await lookUpForStaff(db, mandateId, { agencies: visit.staff.agencies, now: visit.now });
  if (found === undefined) return notFound();
  if (found.state !== 'DRAFT') return overtaken(visit, mandateId);
  return editPage(parts, visit, {
    typed: typedFrom(requestOf(found.mandate, found.debtor)),
    faults: {},
    mandate: found.mandate,
  });
}

export async function changeRequest(parts: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { staff, now, words, form } = visit;
  const mandateId = mandateIdIn(visit);
  const found = await lookUpForStaff(parts.db, mandateId, { agencies: staff.agencies, now });
  if (found === undefined) return notFound();
  const { mandate } = found;
  const typed = typedIn(visit);
  if (form.get('act') === 'check')
    return editPage(parts, visit, {
      typed,
      faults: await checked(parts, visit, typed, mandate.origin),
      mandate,
      wasChecked: true,
    });
  const seenHash = form.get('seen') ?? '';
  const changed = await changeDraft(parts.desk, { mandateId, typed, seenHash, ...memberOf(visit) });
  switch (changed.outcome) {
    case 'DONE':
      return savedOrSubmitted(parts, visit, mandateId);
    case 'FAULTS':
      return editPage(parts, visit, { typed, faults: faultsOf(words, changed.faults), mandate });
    case 'OTHER_CONTENT':
      return editPage(parts, visit, { typed, faults: {}, mandate, overtaken: true });
    case 'WRONG_STATE':
      return overtaken(visit, mandateId);
    case 'NOT_FOUND':
      return notFound();
  }
}

async function savedOrSubmitted({ desk }: RequestParts, visit: Visit, mandateId: MandateId): Promise<PageAnswer> {
  const { words, form } = visit;
  const to = requestPath(mandateId);
  if (form.get('act') !== 'submit') return { answer: 'GO', to, notice: words.say('requests.saved') };
  const { outcome } = await submitMandate(desk, { mandateId, ...memberOf(visit) });
  return outcome === 'DONE'
    ? { answer: 'GO', to, notice: words.say('requests.submitted') }
    : overtaken(visit, mandateId);
}

/** An amount in words, for the form's script. */
export async function amountWords({ query }: Visit): Promise<PageAnswer> {
  const amount = parseTypedAmount((query.get('amount') ?? '').trim());
  const words = amount === undefined ? { fr: '', ar: '' } : amountInWords(amount);
  return {
    answer: 'FILE',
    type: 'application/json',
    name: 'words.json',
    content: Buffer.from(JSON.stringify(words)),
    inline: true,
  };
}

const checked = async (
  { desk }: RequestParts,
  { words, staff }: Visit,
  typed: TypedRequest,
  begunBy: MandateOrigin,
): Promise<Faults> =>
  faultsOf(words, await checkRequest(desk, { typed, agencies: staff.agencies, asksWhy: begunBy === 'BANK' }));

const newPage = (parts: RequestParts, visit: Visit, typed: TypedRequest, faults: Faults, wasChecked = false) =>
  formPage(parts, visit, {
    ...{ typed, faults, wasChecked, action: '/requests/new', back: '/requests', begunBy: 'BANK' },
    title: visit.words.say('requests.new'),
  });

type Edited = Pick<FormPage, 'typed' | 'faults'> & { mandate: Mandate; wasChecked?: boolean; overtaken?: boolean };

async function editPage(parts: RequestParts, visit: Visit, edited: Edited): Promise<PageAnswer> {
  const { typed, faults, mandate, wasChecked = false } = edited;
  const { mandateId, contentHash } = mandate;
  // What was seen stays what it was, through a form with faults too.
  const seen = edited.overtaken ? contentHash : (visit.form.get('seen') ?? contentHash);
  const page = await formPage(parts, visit, {
    ...{ typed, faults, wasChecked, seen, overtaken: edited.overtaken },
    ...{ action: requestPath(mandateId, 'edit'), back: requestPath(mandateId), begunBy: mandate.origin },
    title: visit.words.say('requests.edit'),
  });
  return {
    ...page,
    ...(edited.overtaken && { status: 409 as const }),
    read: [{ kind: 'mandate.read', subjectId: mandateId }],
  };
}

type FormPage = {
  typed: TypedRequest;
  faults: Faults;
  wasChecked: boolean;
  seen?: string;
  overtaken?: boolean | undefined;
  action: string;
  back: string;
  begunBy: MandateOrigin;
  title: string;
};

async function formPage(
  { db, bankCodes, agencies }: RequestParts,
  visit: Visit,
  { title, ...page }: FormPage,
): Promise<Extract<PageAnswer, { answer: 'PAGE' }>> {
  const creditors = await selectCreditors(db);
  return {
    answer: 'PAGE',
    status: Object.keys(page.faults).length > 0 ? 422 : 200,
    title,
    content: entryForm({ visit, creditors, bankCodes, agencies, ...page }),
  };
}
