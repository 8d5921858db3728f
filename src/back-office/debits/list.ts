import { html } from 'hono/html';
import {
  type DebitSearch,
  type FoundDebit,
  findMandateOnAccount,
  searchDebits,
  selectCreditorCodes,
} from '../../debits/search.sql.ts';
import { countDebitsWaiting } from '../../debits/waiting.sql.ts';
import { algiersDay, formatInstant } from '../../values/dates.ts';
import { parseDebitId } from '../../values/ids.ts';
import { parseTypedRib } from '../../values/rib.ts';
import { csvFile, pageByPage } from '../csv.ts';
import { debitBadge, reasonText } from '../look/badge.ts';
import { callout, details } from '../look/blocks.ts';
import { textField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, submitButton } from '../look/form.ts';
import { csvLink, cursorName, emptyState, filterForm, pager, table, toolbar } from '../look/table.ts';
import { amountText, type Content, instantText, link, ltr } from '../look/text.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { type DebitPageParts, debitPath, readers } from './parts.ts';
import { queueTabs } from './queue-tabs.ts';
import { employerName } from './said.ts';
import { readSearch, searchFields } from './search-form.ts';

const path = '/debits';
const rowsShown = 50;
const rowsExported = 1000;

/** The search for debits, and its export. A RIB is asked for in a form that is sent, and never stands in an address. */
export const debitListPages = (parts: DebitPageParts): BackOfficePage[] => [
  { method: 'GET', path, section: 'debits', roles: readers, run: (visit) => listPage(parts, visit, {}) },
  {
    method: 'GET',
    path: `${path}/export`,
    section: 'debits',
    roles: readers,
    run: (visit) => exportFile(parts, visit),
  },
  {
    method: 'POST',
    path: `${path}/account`,
    section: 'debits',
    roles: readers,
    run: (visit) => byAccount(parts, visit),
  },
];

async function listPage(parts: DebitPageParts, visit: Visit, accountFaults: Faults): Promise<PageAnswer> {
  const { words, query, staff, now } = visit;
  const { search, faults } = readSearch(visit);
  const isFaulty = Object.keys(faults).length > 0;
  const cursor = query.get(cursorName);
  const last = cursor === null ? undefined : parts.cursors.open(staff.subject, 'debits', cursor);
  const after = last === undefined ? undefined : parseDebitId(last);
  const [found, creditors, waiting] = await Promise.all([
    isFaulty ? [] : searchDebits(parts.db, search, { after, limit: rowsShown + 1 }),
    selectCreditorCodes(parts.db),
    countDebitsWaiting(parts.db, staff.agencies, algiersDay(now)),
  ]);
  const rows = found.slice(0, rowsShown);
  const shown = rows.at(-1);
  const next =
    found.length > rows.length && shown !== undefined
      ? parts.cursors.seal(staff.subject, 'debits', shown.debitId)
      : undefined;
  const content = html`${queueTabs(words, 'search', waiting)}
${faultSummary(words, { ...faults, ...accountFaults })}
${filterForm(words, { path, query }, ...searchFields(words, query, faults, creditors))}
${accountForm(visit, accountFaults)}
${search.accountOf === undefined ? '' : callout('info', words.say('debits.on-one-account'), link(path, words.say('common.clear-filters')))}
${isFaulty ? '' : html`${toolbar(csvLink(words, { path: `${path}/export`, query }))}${resultTable(visit, rows, search)}`}
${pager(words, { path, query }, next)}`;
  return {
    answer: 'PAGE',
    status: isFaulty || Object.keys(accountFaults).length > 0 ? 422 : 200,
    title: words.say('debits.title'),
    content,
    read: rows.length > 0 ? [{ kind: 'debits.read' }] : [],
  };
}

/** Open where something is wrong with it. */
function accountForm(visit: Visit, faults: Faults): Content {
  const { words } = visit;
  const field = textField({
    name: 'rib',
    label: words.say('debits.rib'),
    hint: words.say('debits.rib-hint'),
    fault: faults.rib,
    ltr: true,
    inputMode: 'numeric',
    maxLength: 40,
    size: 'medium',
    required: true,
  });
  const button = submitButton({ label: words.say('debits.search-account'), tone: 'plain' });
  const sent = form({ visit, action: `${path}/account`, content: html`${field}${actions(button)}` });
  return Object.keys(faults).length > 0 ? sent : details(words.say('debits.by-account'), sent);
}

const resultTable = ({ words }: Visit, rows: readonly FoundDebit[], search: DebitSearch): Content =>
  table<FoundDebit>({
    caption: words.say('debits.found'),
    captionHidden: true,
    rows,
    empty: emptyState(
      Object.entries(search).some(([name, value]) => name !== 'agencies' && value !== undefined)
        ? {
            title: words.say('debits.none-found'),
            advice: words.say('debits.none-found-advice'),
            action: { href: path, label: words.say('common.clear-filters') },
          }
        : { title: words.say('debits.none-yet'), advice: words.say('debits.none-yet-advice') },
    ),
    columns: [
      { heading: words.say('debits.received-at'), cell: (debit) => instantText(words, debit.receivedAt) },
      {
        heading: words.say('debits.end-to-end-id'),
        names: true,
        cell: (debit) => link(debitPath(debit.debitId), ltr(debit.endToEndId)),
      },
      { heading: words.say('debits.creditor'), cell: (debit) => ltr(debit.creditor) },
      {
        heading: words.say('debits.employer'),
        cell: (debit) => html`${employerName(words, debit.employer)}<br>${ltr(debit.employerNumber ?? '')}`,
      },
      { heading: words.say('debits.declaration'), cell: (debit) => ltr(debit.declaration ?? '–') },
      {
        heading: words.say('debits.amount'),
        numeric: true,
        cell: (debit) => (debit.amount === undefined ? '–' : amountText(words, debit.amount)),
      },
      {
        heading: words.say('debits.outcome'),
        cell: (debit) =>
          html`${debitBadge(words, debit.state)}${debit.reason === undefined ? '' : html`<br>${reasonText(words, debit.reason)}`}`,
      },
    ],
  });

async function exportFile({ db }: DebitPageParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const { search, faults } = readSearch(visit);
  if (Object.keys(faults).length > 0) return { answer: 'GO', to: `${path}?${visit.query}` };
  const rows = pageByPage<FoundDebit>((last) =>
    searchDebits(db, search, { after: last?.debitId, limit: rowsExported }),
  );
  const file = csvFile<FoundDebit>(
    words,
    `${words.say('debits.file-name')}-${algiersDay(now)}.csv`,
    [
      { title: words.say('debits.received-at'), kind: 'TEXT', of: (debit) => formatInstant(debit.receivedAt) },
      { title: words.say('debits.received-on'), kind: 'TEXT', of: (debit) => algiersDay(debit.receivedAt) },
      { title: words.say('debits.creditor'), kind: 'TEXT', of: (debit) => debit.creditor },
      { title: words.say('debits.end-to-end-id'), kind: 'CODE', of: (debit) => debit.endToEndId },
      { title: words.say('debits.employer-number'), kind: 'CODE', of: (debit) => debit.employerNumber ?? '' },
      {
        title: words.say('debits.employer'),
        kind: 'TEXT',
        of: ({ employer }) => (words.language === 'ar' ? employer?.nameAr : employer?.nameFr) ?? '',
      },
      { title: words.say('debits.declaration'), kind: 'CODE', of: (debit) => debit.declaration ?? '' },
      { title: words.say('debits.mandate'), kind: 'TEXT', of: (debit) => debit.mandateId ?? '' },
      { title: words.say('debits.amount'), kind: 'AMOUNT', of: (debit) => debit.amount },
      { title: words.say('debits.state'), kind: 'TEXT', of: (debit) => words.say(`common.debit.${debit.state}`) },
      { title: words.say('debits.reason'), kind: 'TEXT', of: (debit) => debit.reason ?? '' },
      {
        title: words.say('debits.ended-at'),
        kind: 'TEXT',
        of: ({ endedAt }) => (endedAt === undefined ? '' : formatInstant(endedAt)),
      },
    ],
    rows,
  );
  return { ...file, read: [{ kind: 'debits.read' }] };
}

/** The address that comes names a mandate on the account, which stands for the RIB. */
async function byAccount(parts: DebitPageParts, visit: Visit): Promise<PageAnswer> {
  const { form: sent, words, staff } = visit;
  const rib = parseTypedRib(sent.get('rib') ?? '');
  if (rib === undefined) return listPage(parts, visit, { rib: words.say('debits.fault.rib') });
  const mandateId = await findMandateOnAccount(parts.db, rib, staff.agencies);
  if (mandateId === undefined) return listPage(parts, visit, { rib: words.say('debits.fault.no-mandate-on-account') });
  return { answer: 'GO', to: `${path}?account=${mandateId}` };
}
