import { debitStates } from '../../debits/debit.ts';
import type { DebitSearch } from '../../debits/search.sql.ts';
import { parseDay } from '../../values/dates.ts';
import {
  type CreditorCode,
  parseCreditorCode,
  parseDeclarationReference,
  parseEmployerNumber,
  parseEndToEndId,
  parseMandateId,
} from '../../values/ids.ts';
import { isReasonCode, reasonCodes } from '../../values/reasons.ts';
import { type Choice, dateField, selectField, textField } from '../look/fields.ts';
import { type Faults, hiddenField } from '../look/form.ts';
import type { Content } from '../look/text.ts';
import type { Visit } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';

export type ReadSearch = { search: DebitSearch; faults: Faults };

/** What a search's address asks for: each part that is not as it should be is a fault, and is not searched by. */
export function readSearch({ query, staff, words }: Pick<Visit, 'query' | 'staff' | 'words'>): ReadSearch {
  const faults: Record<string, string> = {};
  const read = <Value>(name: string, parse: (text: string) => Value | undefined, fault: WordKey): Value | undefined => {
    const text = (query.get(name) ?? '').trim();
    if (text === '') return undefined;
    const value = parse(text);
    if (value === undefined) faults[name] = words.say(fault);
    return value;
  };
  const search: DebitSearch = {
    agencies: staff.agencies,
    endToEndId: read('reference', parseEndToEndId, 'debits.fault.reference'),
    employerNumber: read('employer', parseEmployerNumber, 'debits.fault.employer'),
    declaration: read('declaration', parseDeclarationReference, 'debits.fault.reference'),
    mandateId: read('mandate', (text) => parseMandateId(text.toLowerCase()), 'debits.fault.mandate'),
    accountOf: read('account', parseMandateId, 'debits.fault.mandate'),
    creditor: read('creditor', parseCreditorCode, 'debits.fault.choice'),
    from: read('from', parseDay, 'debits.fault.day'),
    to: read('to', parseDay, 'debits.fault.day'),
    state: read('state', (text) => debitStates.find((state) => state === text), 'debits.fault.choice'),
    reason: read('reason', (text) => (isReasonCode(text) ? text : undefined), 'debits.fault.choice'),
  };
  if (search.from !== undefined && search.to !== undefined && search.from > search.to)
    faults.to = words.say('debits.fault.days');
  return { search, faults };
}

/** The fields of the search, as the address has them. */
export function searchFields(
  words: Words,
  query: URLSearchParams,
  faults: Faults,
  creditors: readonly CreditorCode[],
): Content[] {
  const text = (name: string, label: WordKey, more: { inputMode?: 'numeric'; maxLength: number }) =>
    textField({ ...common(name, label), ltr: true, size: 'medium', ...more });
  const common = (name: string, label: WordKey) => ({
    name,
    label: words.say(label),
    value: query.get(name) ?? '',
    fault: faults[name],
  });
  const select = (name: string, label: WordKey, choices: readonly Choice[]) =>
    selectField({ ...common(name, label), choices, none: words.say('debits.any') });
  const account = query.get('account') ?? '';
  return [
    text('reference', 'debits.end-to-end-id', { maxLength: 35 }),
    text('employer', 'debits.employer-number', { inputMode: 'numeric', maxLength: 10 }),
    text('declaration', 'debits.declaration', { maxLength: 35 }),
    text('mandate', 'debits.mandate', { maxLength: 36 }),
    dateField(common('from', 'debits.from')),
    dateField(common('to', 'debits.to')),
    select(
      'state',
      'debits.state',
      debitStates.map((state) => ({ value: state, label: words.say(`common.debit.${state}`) })),
    ),
    select(
      'reason',
      'debits.reason',
      reasonCodes.map((code) => ({ value: code, label: `${code} – ${words.say(`common.reason.${code}`)}` })),
    ),
    select(
      'creditor',
      'debits.creditor',
      creditors.map((code) => ({ value: code, label: code })),
    ),
    account === '' ? '' : hiddenField('account', account),
  ];
}
