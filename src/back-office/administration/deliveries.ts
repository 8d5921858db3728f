import { html } from 'hono/html';
import { parsePlace, placeText } from '../../journal/event-token.ts';
import { formatInstant } from '../../values/dates.ts';
import type { CreditorCode } from '../../values/ids.ts';
import { type DeliveryLine, type DeliveryState, listDeliveries } from '../../webhooks/look-up.ts';
import { kindText } from '../audit/shared.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { badge, type Tone } from '../look/badge.ts';
import { section, tabs } from '../look/blocks.ts';
import { addressWith, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { type Content, instantText, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { type AdministrationParts, knownCreditor, notFound } from './shared.ts';

const rowsShown = 25;
const rowsExported = 500;

export const webhookPath = (creditor: CreditorCode): string => `/administration/webhooks/${creditor}`;

const states: readonly DeliveryState[] = ['WAITING', 'DELIVERED', 'READ', 'DEAD'];
const tones: Readonly<Record<DeliveryState, Tone>> = {
  WAITING: 'going',
  DELIVERED: 'good',
  READ: 'over',
  DEAD: 'bad',
};

/** The tab that was chosen, in the address of the page and of its file. */
const stateOf = ({ query }: Visit): DeliveryState | undefined => states.find((known) => known === query.get('state'));

/** Each event's pushes to a creditor, newest first, of one state or of all. */
export async function deliveriesSection(
  { db, cursors }: AdministrationParts,
  visit: Visit,
  creditor: CreditorCode,
): Promise<Html> {
  const { words, staff, query } = visit;
  const state = stateOf(visit);
  const list = `deliveries ${creditor} ${state ?? '*'}`;
  const cursor = query.get(cursorName);
  const last = cursor === null ? undefined : cursors.open(staff.subject, list, cursor);
  const before = last === undefined ? undefined : parsePlace(last);
  const found = await listDeliveries(db, creditor, { state, before, limit: rowsShown + 1 });
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined ? cursors.seal(staff.subject, list, placeText(end)) : undefined;
  const path = webhookPath(creditor);
  const tabOf = (one: DeliveryState | undefined) => ({
    href: addressWith(path, new URLSearchParams(), { state: one }),
    label: words.say(`administration.delivery.${one ?? 'ALL'}`),
    current: one === state,
  });
  return section(
    words.say('administration.deliveries'),
    html`${tabs(words.say('administration.deliveries'), [undefined, ...states].map(tabOf))}
${rows.length === 0 ? '' : toolbar(csvLink(words, { path: `${path}/export`, query }))}${deliveryTable(words, rows)}${pager(words, { path, query }, next)}`,
  );
}

/** The same list, all of it. */
export async function exportDeliveries(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'webhooks');
  const state = stateOf(visit);
  const rows = pageByPage<DeliveryLine>((before) =>
    listDeliveries(parts.db, creditor, { state, before, limit: rowsExported }),
  );
  const instant = (at: Date | undefined): string => (at === undefined ? '' : formatInstant(at));
  const columns: CsvColumn<DeliveryLine>[] = [
    { title: words.say('administration.delivery-place'), kind: 'CODE', of: placeText },
    { title: words.say('administration.delivery-event'), kind: 'TEXT', of: ({ kind }) => kindText(words, kind) },
    { title: words.say('administration.delivery-at'), kind: 'TEXT', of: ({ recordedAt }) => instant(recordedAt) },
    {
      title: words.say('administration.standing'),
      kind: 'TEXT',
      of: (line) => words.say(`administration.delivery.${line.state}`),
    },
    { title: words.say('administration.delivery-attempts'), kind: 'TEXT', of: ({ attempts }) => String(attempts) },
    { title: words.say('administration.webhook-answer'), kind: 'CODE', of: ({ answer }) => answerWords(words, answer) },
    { title: words.say('administration.webhook-next'), kind: 'TEXT', of: ({ nextAt }) => instant(nextAt) },
  ];
  return csvFile(words, `deliveries-${creditor}${state === undefined ? '' : `-${state}`}.csv`, columns, rows);
}

const deliveryTable = (words: Words, rows: readonly DeliveryLine[]): Html =>
  table<DeliveryLine>({
    caption: words.say('administration.deliveries'),
    captionHidden: true,
    rows,
    mark: ({ state }) => (state === 'DEAD' ? 'danger' : undefined),
    empty: emptyState({
      title: words.say('administration.no-deliveries'),
      advice: words.say('administration.no-deliveries-text'),
    }),
    columns: [
      { heading: words.say('administration.delivery-place'), names: true, cell: (line) => ltr(placeText(line)) },
      { heading: words.say('administration.delivery-event'), cell: ({ kind }) => kindText(words, kind) },
      { heading: words.say('administration.delivery-at'), cell: ({ recordedAt }) => instantText(words, recordedAt) },
      {
        heading: words.say('administration.standing'),
        cell: ({ state }) => badge(tones[state], words.say(`administration.delivery.${state}`)),
      },
      {
        heading: words.say('administration.delivery-attempts'),
        numeric: true,
        cell: ({ attempts }) => words.number(attempts),
      },
      {
        heading: words.say('administration.webhook-answer'),
        cell: ({ answer }) => answerText(words, answer),
      },
      {
        heading: words.say('administration.webhook-next'),
        cell: ({ nextAt }) => instantOrNone(words, nextAt),
      },
    ],
  });

export const instantOrNone = (words: Words, instant: Date | undefined): Content =>
  instant === undefined ? words.say('common.none') : instantText(words, instant);

const faults = ['timeout', 'connection', 'tls', 'name', 'address'] as const;
const faultOf = (answer: string) => faults.find((known) => known === answer);

/** A status as it came, or in words what kept it from coming. */
function answerWords(words: Words, answer = ''): string {
  const fault = faultOf(answer);
  return fault === undefined ? answer : words.say(`administration.push-fault.${fault}`);
}

export function answerText(words: Words, answer: string | undefined): Content {
  if (answer === undefined) return words.say('common.none');
  return faultOf(answer) === undefined ? ltr(answer) : answerWords(words, answer);
}
