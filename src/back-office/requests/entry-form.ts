import { html } from 'hono/html';
import { amountInWords } from '../../documents/amount-in-words.ts';
import { type RequestField, requestFields, type TypedRequest } from '../../mandates/authorisation-request.ts';
import { type MandateOrigin, periods, replaceReasons } from '../../mandates/mandate.ts';
import type { CreditorName } from '../../mandates/search.ts';
import { parseTypedAmount } from '../../values/centimes.ts';
import { parseTypedEmployerNumber } from '../../values/ids.ts';
import { agencyOf, bankCodeOf, parseTypedRib } from '../../values/rib.ts';
import { type AgencyNames, agencyText } from '../agencies.ts';
import { callout } from '../look/blocks.ts';
import {
  amountField,
  checkboxField,
  dateField,
  type Field,
  fieldGroup,
  fieldRow,
  selectField,
  textareaField,
  textField,
} from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, type Content, printLink } from '../look/text.ts';
import type { Html, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { bankNames } from './bank-names.ts';

export type EntryForm = {
  visit: Visit;
  action: string;
  typed: TypedRequest;
  faults: Faults;
  creditors: readonly CreditorName[];
  bankCodes: readonly string[];
  agencies: AgencyNames;
  /** Who began it: only where the creditor did can the bank hand it the certificate. */
  begunBy: MandateOrigin;
  back: string;
  /** It was looked at without being stored. */
  wasChecked: boolean;
  /** The content hash of the draft that the form was begun over. */
  seen?: string | undefined;
  /** Another has changed the draft meanwhile. */
  overtaken?: boolean | undefined;
};

/** What a form sent; an unticked box and an empty field take what stood there away. */
export const typedIn = ({ form: sent }: Pick<Visit, 'form'>): TypedRequest =>
  Object.fromEntries(requestFields.map((field) => [field, (sent.get(field) ?? '').slice(0, 600)]));

/** The request as the employer's paper has it, field by field, each with its own fault. */
export function entryForm({
  visit,
  action,
  typed,
  faults,
  creditors,
  bankCodes,
  agencies,
  begunBy,
  back,
  wasChecked,
  ...over
}: EntryForm): Html {
  const { words } = visit;
  const field = (name: RequestField) => ({
    name,
    label: words.say(`requests.field.${name}`),
    value: typed[name] ?? '',
    fault: faults[name],
  });
  const amount = (name: 'perDebitCeiling' | 'periodCeiling') =>
    amountField({
      ...{ ...field(name), required: true, currency: words.say('common.currency') },
      data: { 'words-from': '/requests/amount-in-words' },
      hint: wordsOfAmount(name, typed[name] ?? ''),
    });
  const language = words.language === 'ar' ? 'nameAr' : 'nameFr';
  return html`${faultSummary(words, summaryOf(words, faults))}
${wasChecked && Object.keys(faults).length === 0 ? callout('good', words.say('requests.checked-good'), words.say('requests.checked-good-advice')) : ''}
${over.overtaken ? callout('warning', words.say('requests.edited-meanwhile'), html`${words.say('requests.edited-meanwhile-advice')} ${printLink(words, back, words.say('requests.see-present'))}`) : ''}
${form({
  ...{ visit, action, id: 'entry-form' },
  content: html`${over.seen === undefined ? '' : hiddenField('seen', over.seen)}
${fieldGroup(
  words.say('requests.group.employer'),
  fieldRow(
    selectField({
      ...{ ...field('creditor'), required: true, none: words.say('requests.choose') },
      choices: creditors.map((one) => ({ value: one.creditor, label: `${one.creditor} – ${one[language]}` })),
    }),
    textField({
      ...{ ...field('employerNumber'), required: true, ltr: true, maxLength: 20, size: 'medium', inputMode: 'numeric' },
      // The digits of Arabic too, and the blanks of a form.
      pattern: '\\s*([0-9٠-٩]\\s*){10}',
      data: {
        missing: words.say('requests.employer-digits', { count: '%count' }),
        good: words.say('requests.employer-good'),
      },
      hint: html`${words.say('requests.hint.employerNumber')} <output id="employer-check" for="field-employerNumber">${employerInWords(words, typed.employerNumber ?? '')}</output>`,
    }),
  ),
  textField({ ...field('nameFr'), required: true, maxLength: 200, hint: words.say('requests.hint.nameFr') }),
  textField({ ...field('nameAr'), required: true, maxLength: 200, hint: words.say('requests.hint.nameAr') }),
  fieldRow(
    textField({ ...field('representativeFr'), maxLength: 200 }),
    textField({ ...field('representativeAr'), maxLength: 200 }),
  ),
  textField({
    ...field('phone'),
    ltr: true,
    maxLength: 30,
    size: 'medium',
    type: 'tel',
    hint: words.say('requests.hint.phone'),
  }),
)}
${fieldGroup(
  words.say('requests.group.account'),
  textField({
    ...{ ...field('rib'), required: true, ltr: true, maxLength: 40, size: 'medium', inputMode: 'numeric' },
    pattern: '\\s*([0-9٠-٩][\\s.\\-]*){20}',
    data: ribData(words, bankCodes, agencies),
    hint: html`${words.say('requests.hint.rib')} <output id="rib-check" for="field-rib">${ribInWords(words, agencies, typed.rib ?? '')}</output>`,
  }),
)}
${fieldGroup(
  words.say('requests.group.ceilings'),
  amount('perDebitCeiling'),
  amount('periodCeiling'),
  selectField({
    ...{
      ...field('period'),
      value: (typed.period ?? '').toUpperCase(),
      required: true,
      none: words.say('requests.choose'),
    },
    choices: periods.map((period) => ({ value: period, label: words.say(`requests.period.${period}`) })),
  }),
  fieldRow(
    dateField({ ...field('validFrom'), required: true }),
    dateField({ ...field('validTo'), required: true, hint: words.say('requests.hint.validTo') }),
  ),
)}
${fieldGroup(
  words.say('requests.group.replaces'),
  textField({
    ...field('replaces'),
    ltr: true,
    maxLength: 36,
    size: 'medium',
    hint: words.say('requests.hint.replaces'),
  }),
  selectField({
    ...{
      ...field('replaceReason'),
      none: words.say('requests.choose'),
      hint: words.say('requests.hint.replaceReason'),
    },
    choices: replaceReasons.map((reason) => ({ value: reason, label: words.say(`mandates.reason.${reason}`) })),
  }),
  textareaField({ ...field('replaceRemark'), rows: 2, maxLength: 500, hint: words.say('requests.hint.replaceRemark') }),
)}
${begunBy === 'CREDITOR' ? fieldGroup(words.say('requests.group.rest'), handOverField(words, field('handOver'))) : hiddenField('handOver', typed.handOver ?? '')}
${actions(
  submitButton({ label: words.say('requests.save-and-look'), name: 'act', value: 'save' }),
  submitButton({ label: words.say('requests.save-and-submit'), name: 'act', value: 'submit', tone: 'plain' }),
  submitButton({ label: words.say('requests.check'), name: 'act', value: 'check', tone: 'plain' }),
  buttonLink(back, words.say('common.cancel')),
)}`,
})}`;
}

const handOverField = (words: Words, field: Field): Html =>
  checkboxField({
    ...{ ...field, value: 'yes', checked: field.value === 'yes' },
    hint: words.say('requests.hint.handOver'),
  });

/** At the top each fault names its field, since many are the same. */
const summaryOf = (words: Words, faults: Faults): Faults =>
  Object.fromEntries(
    requestFields.flatMap((name) => {
      const fault = faults[name];
      const field = words.say(`requests.field.${name}`);
      return fault === undefined ? [] : [[name, words.say('requests.fault-of', { field, fault })]];
    }),
  );

/** Both languages, as the certificate prints them: beside the field that they say. */
function wordsOfAmount(name: string, text: string): Content {
  const amount = parseTypedAmount(text.trim());
  const said = amount === undefined ? { fr: '', ar: '' } : amountInWords(amount);
  return html`<output id="${name}-words" for="field-${name}"><span class="d-block"><bdi lang="fr" dir="ltr">${said.fr}</bdi></span><span class="d-block"><bdi lang="ar" dir="rtl">${said.ar}</bdi></span></output>`;
}

/** How many digits are there yet, in the words that the script uses as well. */
function employerInWords(words: Words, text: string): string {
  const digits = text.replace(/[\s.-]/g, '');
  if (digits === '') return '';
  return parseTypedEmployerNumber(text) === undefined
    ? words.say('requests.employer-digits', { count: String(digits.length) })
    : words.say('requests.employer-good');
}

/** "BDL, agence 00102 (Chlef)", or that the key does not hold, or that the account is at another bank. */
function ribInWords(words: Words, agencies: AgencyNames, text: string): string {
  if (text.trim() === '') return '';
  const rib = parseTypedRib(text);
  return rib === undefined
    ? words.say('requests.rib-wrong-key')
    : words.say('requests.rib-of', {
        bank: bankNames[bankCodeOf(rib)] ?? bankCodeOf(rib),
        agency: agencyText(words, agencies, agencyOf(rib)),
      });
}

/** What the script says as the RIB is typed, so that the words stay in the reader's language and in one place. */
const ribData = (words: Words, bankCodes: readonly string[], agencies: AgencyNames): Record<string, string> => ({
  banks: JSON.stringify(bankNames),
  ours: bankCodes.join(' '),
  agencies: JSON.stringify(
    Object.fromEntries([...agencies.keys()].map((code) => [code, agencyText(words, agencies, code)])),
  ),
  good: words.say('requests.rib-of', { bank: '%bank', agency: '%agency' }),
  other: words.say('requests.rib-other-bank', { bank: '%bank' }),
  missing: words.say('requests.rib-digits', { count: '%count' }),
  key: words.say('requests.rib-wrong-key'),
});
