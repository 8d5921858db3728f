import { html } from 'hono/html';
import { creditorsOf, lookUpCreditor } from '../../clients/look-up.ts';
import { proposeRegistration } from '../../clients/registry-change.ts';
import { parseCreditorCode } from '../../values/ids.ts';
import { parseRib, type Rib } from '../../values/rib.ts';
import { callout } from '../look/blocks.ts';
import { textField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, ltr, nameText, ribText } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import {
  type AdministrationParts,
  askingOf,
  factsOfForm,
  notFound,
  page,
  proposed,
  reasonFaults,
  reasonField,
  statusOf,
  textOf,
} from './shared.ts';

/** A new creditor: its code, its names in both languages, and its collection account. */
export async function newCreditorForm(_parts: AdministrationParts, visit: Visit, faults: Faults = {}) {
  const { words, form: fields } = visit;
  const text = (name: string) => ({ name, required: true, value: textOf(fields, name), fault: faults[name] });
  const content = form({
    visit,
    action: '/administration/creditors/new',
    content: html`${faultSummary(words, faults)}
${textField({ ...text('code'), label: words.say('administration.creditor'), hint: words.say('administration.code-hint'), ltr: true, maxLength: 20, size: 'short' })}
${textField({ ...text('nameFr'), label: words.say('administration.name-fr'), maxLength: 200 })}
${textField({ ...text('nameAr'), label: words.say('administration.name-ar'), maxLength: 200 })}
${accountField(visit, faults)}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose') }), buttonLink('/administration/creditors', words.say('common.cancel')))}`,
  });
  return page(visit, 'creditors', words.say('administration.new-creditor'), content, statusOf(faults));
}

export async function postNewCreditor(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, form: fields } = visit;
  const creditorCode = parseCreditorCode(textOf(fields, 'code'));
  const nameFr = textOf(fields, 'nameFr');
  const nameAr = textOf(fields, 'nameAr');
  const account = await accountOf(parts, visit);
  const known = creditorCode !== undefined && (await lookUpCreditor(parts.db, creditorCode)) !== undefined;
  const faults: Faults = {
    ...(creditorCode === undefined && { code: words.say('administration.fault.code') }),
    ...(known && { code: words.say('administration.fault.code-known') }),
    ...((nameFr === '' || nameFr.length > 200) && { nameFr: words.say('administration.fault.missing') }),
    ...((nameAr === '' || nameAr.length > 200) && { nameAr: words.say('administration.fault.missing') }),
    ...('fault' in account && { rib: account.fault }),
    ...reasonFaults(visit),
  };
  if (creditorCode === undefined || 'fault' in account || Object.keys(faults).length > 0)
    return newCreditorForm(parts, visit, faults);
  const change = { creditorCode, nameFr, nameAr, collectionAccount: account.rib };
  return proposed(
    visit,
    await proposeRegistration(parts.db, { kind: 'creditor.registration', ...change }, askingOf(visit)),
  );
}

/** Another collection account: typed, looked up at the core, seen, and then proposed. */
export async function accountForm(parts: AdministrationParts, visit: Visit, faults: Faults = {}): Promise<PageAnswer> {
  const { words } = visit;
  const creditor = await creditorOf(parts, visit);
  if (creditor === undefined) return notFound(visit, 'creditors');
  const path = `/administration/creditors/${creditor.creditorCode}`;
  const content = html`
${callout('warning', words.say('administration.account-needs-stop'), words.say('administration.account-needs-stop-text'))}
${factsOfForm([[words.say('administration.account-now'), ribText(creditor.collectionAccount)]])}
${form({
  visit,
  action: `${path}/account`,
  content: html`${faultSummary(words, faults)}${accountField(visit, faults)}
${actions(submitButton({ label: words.say('administration.look-up') }), buttonLink(path, words.say('common.cancel')))}`,
})}`;
  return page(visit, 'creditors', words.say('administration.change-account'), content, statusOf(faults));
}

export async function postAccount(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, form: fields } = visit;
  const creditor = await creditorOf(parts, visit);
  if (creditor === undefined) return notFound(visit, 'creditors');
  const account = await accountOf(parts, visit);
  const same = 'rib' in account && account.rib === creditor.collectionAccount;
  if ('fault' in account) return accountForm(parts, visit, { rib: account.fault });
  if (same) return accountForm(parts, visit, { rib: words.say('administration.fault.same-account') });
  const confirmed = textOf(fields, 'confirmed') === 'yes';
  const faults = confirmed ? reasonFaults(visit) : {};
  const path = `/administration/creditors/${creditor.creditorCode}`;
  if (confirmed && Object.keys(faults).length === 0) {
    const change = { creditorCode: creditor.creditorCode, collectionAccount: account.rib };
    return proposed(
      visit,
      await proposeRegistration(parts.db, { kind: 'creditor.account', ...change }, askingOf(visit)),
    );
  }
  const content = form({
    visit,
    action: `${path}/account`,
    content: html`${faultSummary(words, faults)}
${factsOfForm([
  [words.say('administration.creditor'), ltr(creditor.creditorCode)],
  [words.say('administration.account-now'), ribText(creditor.collectionAccount)],
  [words.say('administration.account-new'), ribText(account.rib)],
  [words.say('administration.holder'), nameText(account.holder)],
])}
${hiddenField('rib', account.rib)}${hiddenField('confirmed', 'yes')}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose') }), buttonLink(`${path}/account`, words.say('common.cancel')))}`,
  });
  const answer = page(visit, 'creditors', words.say('administration.change-account'), content, statusOf(faults));
  // Whatever RIB is typed, its holder is shown: that is a reading too.
  return { ...answer, read: [{ kind: 'account.read' }] };
}

const creditorOf = async ({ db }: AdministrationParts, { params }: Visit) => {
  const creditorCode = parseCreditorCode(params.creditorCode ?? '');
  return (await creditorsOf(db)).find((one) => one.creditorCode === creditorCode);
};

const accountField = (visit: Visit, faults: Faults) =>
  textField({
    ...{ name: 'rib', required: true, ltr: true, inputMode: 'numeric', size: 'medium', maxLength: 30 },
    ...{ value: textOf(visit.form, 'rib'), fault: faults.rib },
    label: visit.words.say('administration.account'),
    hint: visit.words.say('administration.account-hint'),
  });

/** The account as typed, looked up at the core banking system: open, at this bank, and whose it is. */
async function accountOf(
  { coreBanking, bankCodes }: AdministrationParts,
  { words, form: fields }: Visit,
): Promise<{ rib: Rib; holder: string } | { fault: string }> {
  const rib = parseRib(textOf(fields, 'rib').replaceAll(/\s/g, ''));
  if (rib === undefined) return { fault: words.say('administration.fault.rib') };
  if (!bankCodes.includes(rib.slice(0, 3))) return { fault: words.say('administration.fault.other-bank') };
  const found = await coreBanking.lookUpAccount(rib);
  switch (found.outcome) {
    case 'UNKNOWN':
      return { fault: words.say('administration.fault.unknown-account') };
    case 'UNREACHABLE':
      return { fault: words.say('administration.fault.core-away') };
    case 'FOUND':
      return found.status === 'OPEN'
        ? { rib, holder: found.holder }
        : { fault: words.say(`administration.fault.account-${found.status}`) };
  }
}
