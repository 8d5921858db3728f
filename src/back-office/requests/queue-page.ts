import { html } from 'hono/html';
import {
  countQueue,
  listQueue,
  type Queue,
  type QueueCounts,
  type Queued,
  type QueueFilter,
  queues,
} from '../../mandates/queue.ts';
import { type CreditorName, selectCreditors } from '../../mandates/search.ts';
import { algiersDay, parseInstant } from '../../values/dates.ts';
import { parseCreditorCode, parseMandateId } from '../../values/ids.ts';
import { agencyOf, maskRib } from '../../values/rib.ts';
import { type AgencyNames, agencyName, agencyText } from '../agencies.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { badge } from '../look/badge.ts';
import { columns, tabs } from '../look/blocks.ts';
import { checkboxField, selectField, textField } from '../look/fields.ts';
import { hiddenField } from '../look/form.ts';
import { addressWith, csvLink, cursorName, emptyState, filterForm, pager, table, toolbar } from '../look/table.ts';
import { amountText, buttonLink, type Content, instantText, link, ltr, nameText } from '../look/text.ts';
import { employerName } from '../mandates/shared.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole, type Staff } from '../staff.ts';
import type { Words } from '../words/words.ts';
import { openForm } from './open.ts';
import { makers, type RequestParts, requestPath } from './shared.ts';

const pageRows = 25;
const path = '/requests';

/** What is to be done next with the authorisation requests, by queue: the reader's own one first. */
export async function queuePage({ db, desk, cursors, agencies }: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query, now } = visit;
  const filter = filterIn(visit);
  // A cursor holds for this reader and these filters alone.
  const listName = `requests ${JSON.stringify([filter.queue, filter.agencies, filter.creditor, filter.notMadeBy])}`;
  const after = placeIn(cursors.open(staff.subject, listName, query.get(cursorName) ?? ''));
  const [found, counts, creditors] = await Promise.all([
    listQueue(db, { ...filter, after, limit: pageRows + 1 }),
    countQueue(db, { agencies: staff.agencies, me: staff.subject, now }),
    selectCreditors(db),
  ]);
  const rows = found.slice(0, pageRows);
  const last = found.length > pageRows ? rows.at(-1) : undefined;
  const next = last && cursors.seal(staff.subject, listName, placeOf(last));
  const listing = { path, query };
  const content = html`${toolbar(
    ...(hasRole(staff, makers)
      ? [
          buttonLink('/requests/new', words.say('requests.new'), 'primary'),
          buttonLink('/requests/import', words.say('requests.import')),
        ]
      : []),
    rows.length === 0 ? '' : csvLink(words, { path: '/requests/export', query: withQueue(query, filter.queue) }),
  )}
${tabs(
  words.say('requests.queues'),
  queues.map((queue) => tab(words, query, queue, filter.queue, counts)),
)}
${columns(filters(visit, filter, { creditors, agencies }), openForm(visit))}
${queueTable(words, { staff, now, hours: desk.submissionHours }, filter.queue, rows)}
${pager(words, listing, next)}`;
  const read = rows.length === 0 ? [] : [{ kind: 'mandates.read' as const }];
  return { answer: 'PAGE', title: words.say('requests.title'), content, read };
}

/** The same list, all of it. */
export async function exportQueue({ db, agencies }: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const filter = filterIn(visit);
  const rows = pageByPage((last: Queued | undefined) =>
    listQueue(db, {
      ...filter,
      after: last && { since: last.mandate.stateSince, mandateId: last.mandate.mandateId },
      limit: 500,
    }),
  );
  const file = csvFile(words, `requests-${filter.queue}-${algiersDay(now)}.csv`, exportColumns(words, agencies), rows);
  return { ...file, read: [{ kind: 'mandates.read' }] };
}

function filterIn({ query, staff, now }: Visit): QueueFilter {
  const agency = (query.get('agency') ?? '').trim();
  const asked = query.get('queue');
  const own: Queue = hasRole(staff, makers) ? 'drafts' : 'waiting';
  return {
    queue: queues.find((queue) => queue === asked) ?? own,
    agencies: agency === '' ? staff.agencies : sharedWith(staff, agency),
    creditor: parseCreditorCode(query.get('creditor') ?? ''),
    notMadeBy: query.get('others') === 'yes' ? staff.subject : undefined,
    now,
  };
}

/** Of an agency that is not one of theirs nothing is found. */
const sharedWith = ({ agencies }: Staff, agency: string): readonly string[] =>
  agencies === 'ALL' || agencies.includes(agency) ? [agency] : [];

const placeOf = ({ mandate }: Queued): string => `${mandate.stateSince.toISOString()} ${mandate.mandateId}`;

function placeIn(cursor: string | undefined) {
  const [instant = '', id = ''] = cursor?.split(' ') ?? [];
  const [since, mandateId] = [parseInstant(instant), parseMandateId(id)];
  return since === undefined || mandateId === undefined ? undefined : { since, mandateId };
}

const withQueue = (query: URLSearchParams, queue: Queue): URLSearchParams =>
  new URLSearchParams([...[...query].filter(([name]) => name !== 'queue'), ['queue', queue]]);

function tab(words: Words, query: URLSearchParams, queue: Queue, current: Queue, counts: QueueCounts) {
  const count = { waiting: counts.waiting, drafts: counts.drafts, 'sent-back': counts.sentBack, refused: undefined }[
    queue
  ];
  const label = words.say(`requests.queue.${queue}`);
  return {
    href: addressWith(path, query, { queue, [cursorName]: undefined }),
    label: count === undefined ? label : `${label} (${words.number(count)})`,
    current: queue === current,
  };
}

function filters(
  { words, query, staff }: Visit,
  filter: QueueFilter,
  { creditors, agencies }: { creditors: readonly CreditorName[]; agencies: AgencyNames },
): Html {
  const agency = { name: 'agency', label: words.say('requests.agency'), value: query.get('agency') ?? '' };
  return filterForm(
    words,
    { path, query },
    hiddenField('queue', filter.queue),
    staff.agencies === 'ALL'
      ? textField({ ...agency, ltr: true, maxLength: 5, size: 'short', inputMode: 'numeric' })
      : selectField({
          ...agency,
          none: words.say('requests.every-agency'),
          choices: staff.agencies.map((code) => ({ value: code, label: agencyText(words, agencies, code) })),
        }),
    selectField({
      ...{ name: 'creditor', label: words.say('requests.field.creditor'), value: query.get('creditor') ?? '' },
      none: words.say('requests.every-creditor'),
      choices: creditors.map(({ creditor }) => ({ value: creditor, label: creditor })),
    }),
    filter.queue === 'waiting'
      ? checkboxField({
          name: 'others',
          label: words.say('requests.only-others'),
          checked: filter.notMadeBy !== undefined,
        })
      : '',
  );
}

type Looking = { staff: Staff; now: Date; hours: number };

function queueTable(words: Words, looking: Looking, queue: Queue, rows: readonly Queued[]): Html {
  return table<Queued>({
    caption: words.say(`requests.queue.${queue}`),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say(`requests.none.${queue}`),
      advice: words.say(`requests.none-advice.${queue}`),
      ...(hasRole(looking.staff, makers) && queue !== 'refused'
        ? { action: { href: '/requests/new', label: words.say('requests.new') } }
        : {}),
    }),
    mark: (row) => (tooLate(row, looking) ? 'warning' : undefined),
    columns: [
      {
        heading: words.say('requests.employer'),
        names: true,
        cell: (row) => link(requestPath(row.mandate.mandateId), nameText(employerName(words, row))),
      },
      { heading: words.say('requests.field.employerNumber'), cell: ({ mandate }) => ltr(mandate.employerNumber) },
      { heading: words.say('requests.field.rib'), cell: ({ rib }) => ltr(maskRib(rib)) },
      { heading: words.say('requests.field.creditor'), cell: ({ mandate }) => ltr(mandate.creditor) },
      { heading: words.say('requests.source'), cell: ({ source }) => words.say(`requests.source.${source}`) },
      {
        heading: words.say('requests.field.periodCeiling'),
        numeric: true,
        cell: ({ mandate }) => amountText(words, mandate.periodCeiling),
      },
      { heading: words.say(`requests.since.${queue}`), cell: ({ mandate }) => instantText(words, mandate.stateSince) },
      ...(queue === 'waiting'
        ? [{ heading: words.say('requests.note'), cell: (row: Queued) => noteOf(words, row, looking) }]
        : []),
    ],
  });
}

const tooLate = ({ mandate }: Queued, { now, hours }: Looking): boolean =>
  mandate.state === 'PENDING_CERTIFICATION' &&
  mandate.submittedAt !== undefined &&
  now.getTime() > mandate.submittedAt.getTime() + hours * 3_600_000;

function noteOf(words: Words, row: Queued, looking: Looking): Content {
  if (tooLate(row, looking)) return badge('attention', words.say('requests.note-too-late'));
  return row.mandate.makers.includes(looking.staff.subject) ? words.say('requests.note-yours') : '';
}

function exportColumns(words: Words, agencies: AgencyNames): CsvColumn<Queued>[] {
  const text = (title: string, of: (row: Queued) => string) => ({ title, kind: 'TEXT' as const, of });
  return [
    text(words.say('requests.mandate-id'), ({ mandate }) => mandate.mandateId),
    text(words.say('requests.field.creditor'), ({ mandate }) => mandate.creditor),
    { title: words.say('requests.field.employerNumber'), kind: 'CODE', of: ({ mandate }) => mandate.employerNumber },
    text(words.say('requests.field.nameFr'), ({ nameFr }) => nameFr),
    text(words.say('requests.field.nameAr'), ({ nameAr }) => nameAr),
    text(words.say('requests.field.rib'), ({ rib }) => maskRib(rib)),
    { title: words.say('requests.agency'), kind: 'CODE', of: ({ rib }) => agencyOf(rib) },
    text(words.say('requests.agency-name'), ({ rib }) => agencyName(words, agencies, agencyOf(rib))),
    {
      title: words.say('requests.field.perDebitCeiling'),
      kind: 'AMOUNT',
      of: ({ mandate }) => mandate.perDebitCeiling,
    },
    { title: words.say('requests.field.periodCeiling'), kind: 'AMOUNT', of: ({ mandate }) => mandate.periodCeiling },
    text(words.say('requests.field.period'), ({ mandate }) => words.say(`requests.period.${mandate.period}`)),
    text(words.say('requests.field.validFrom'), ({ mandate }) => mandate.validFrom),
    text(words.say('requests.field.validTo'), ({ mandate }) => mandate.validTo),
    text(words.say('requests.source'), ({ source }) => words.say(`requests.source.${source}`)),
    text(words.say('requests.state-since'), ({ mandate }) => mandate.stateSince.toISOString()),
  ];
}
