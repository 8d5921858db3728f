import { html } from 'hono/html';
import { type MandateState, mandateStates } from '../../mandates/mandate.ts';
import type { CreditorName, MandateSearch } from '../../mandates/search.ts';
import { searchWords } from '../../mandates/search-words.ts';
import { type MandateId, parseCreditorCode, parseEmployerNumber, parseMandateId } from '../../values/ids.ts';
import { parseTypedRib, type Rib } from '../../values/rib.ts';
import { fieldRow, selectField, textField } from '../look/fields.ts';
import { actions, csrfField, type Faults, faultSummary, submitButton } from '../look/form.ts';
import { buttonLink } from '../look/text.ts';
import type { Html, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';

/** As it was typed. A name and a RIB come by POST only: neither stands in an address. */
export type Typed = Readonly<Record<(typeof fields)[number], string>>;
const fields = ['mandate', 'employer', 'name', 'rib', 'state', 'creditor', 'account'] as const;

export const typedIn = (sent: URLSearchParams): Typed => {
  const text = (name: (typeof fields)[number]) => (sent.get(name) ?? '').trim().slice(0, 140);
  return {
    mandate: text('mandate'),
    employer: text('employer'),
    name: text('name'),
    rib: text('rib'),
    state: text('state'),
    creditor: text('creditor'),
    account: text('account'),
  };
};

export type ReadSearch =
  | { faults: Faults }
  | {
      faults: undefined;
      search: Omit<MandateSearch, 'agencies'>;
      rib: Rib | undefined;
      mandateId: MandateId | undefined;
    };

/** Reads what was typed; each fault says what the field takes. */
export function readSearch(words: Words, typed: Typed): ReadSearch {
  const faults: Record<string, string> = {};
  const parsed = <Value>(name: keyof Typed, parse: (text: string) => Value | undefined): Value | undefined => {
    if (typed[name] === '') return undefined;
    const value = parse(typed[name]);
    if (value === undefined) faults[name] = words.say(`mandates.fault.${name}`);
    return value;
  };
  const search = {
    employerNumber: parsed('employer', (text) => parseEmployerNumber(asciiDigits(text).replace(/\s/g, ''))),
    creditor: parsed('creditor', parseCreditorCode),
    state: parsed('state', stateNamed),
    name: parsed('name', (text) => (searchWords(text).length > 0 ? text : undefined)),
    accountOf: parsed('account', parseMandateId),
  };
  const rib = parsed('rib', parseTypedRib);
  const mandateId = parsed('mandate', (text) => parseMandateId(text.toLowerCase()));
  return Object.keys(faults).length > 0 ? { faults } : { faults: undefined, search, rib, mandateId };
}

const asciiDigits = (text: string): string => text.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));

const stateNamed = (text: string): MandateState | undefined => mandateStates.find((state) => state === text);

/** What may stand in an address: no name, no RIB. */
export function queryOf(typed: Typed, account: MandateId | undefined): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['employer', 'state', 'creditor'] as const) if (typed[name] !== '') query.set(name, typed[name]);
  const onAccount = account ?? typed.account;
  if (onAccount !== '') query.set('account', onAccount);
  return query;
}

/** The form above the list: sent by POST, since it takes names and RIBs. */
export function searchForm(
  { words, csrf }: Pick<Visit, 'words' | 'csrf'>,
  typed: Typed,
  creditors: readonly CreditorName[],
  faults: Faults,
): Html {
  const field = (name: keyof Typed) => ({
    name,
    label: words.say(`mandates.field.${name}`),
    value: typed[name],
    fault: faults[name],
  });
  const narrowed = Object.values(typed).some((text) => text !== '');
  return html`<form method="post" action="/mandates/search" class="filter-form" role="search" aria-label="${words.say('common.filter')}" novalidate>
${csrfField({ csrf })}${faultSummary(words, faults)}
${fieldRow(
  textField({ ...field('employer'), ltr: true, inputMode: 'numeric', maxLength: 14, size: 'short' }),
  textField({ ...field('name'), maxLength: 140, size: 'medium' }),
  textField({ ...field('rib'), ltr: true, maxLength: 40, size: 'medium' }),
)}
${fieldRow(
  textField({ ...field('mandate'), ltr: true, maxLength: 36, size: 'medium' }),
  selectField({
    ...field('state'),
    none: words.say('mandates.any-state'),
    choices: mandateStates.map((state) => ({ value: state, label: words.say(`common.mandate.${state}`) })),
  }),
  selectField({
    ...field('creditor'),
    none: words.say('mandates.any-creditor'),
    choices: creditors.map(({ creditor, nameFr, nameAr }) => ({
      value: creditor,
      label: `${creditor} – ${words.language === 'ar' ? nameAr : nameFr}`,
    })),
  }),
)}
${actions(submitButton({ label: words.say('common.search') }), narrowed ? buttonLink('/mandates', words.say('common.clear-filters')) : '')}
</form>`;
}
