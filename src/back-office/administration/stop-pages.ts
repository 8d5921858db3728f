import { html } from 'hono/html';
import { proposalsOf } from '../../approvals/look-up.ts';
import { stateAt } from '../../approvals/proposal.ts';
import {
  listEndedStops,
  lookUpStop,
  restoreOf,
  standingStops,
  type UnexplainedMovement,
  underWayOf,
  unexplainedMovements,
} from '../../stops/look-up.ts';
import { startingAgain } from '../../stops/start-again.ts';
import { parseStopId, type Stop } from '../../stops/stop.ts';
import { badge } from '../look/badge.ts';
import { callout, lead, section, tiles } from '../look/blocks.ts';
import { checkboxField } from '../look/fields.ts';
import { actions, type Faults, form, submitButton } from '../look/form.ts';
import { cursorName, emptyState, pager, table } from '../look/table.ts';
import { amountText, buttonLink, dayText, instantText, link, ltr, nameText } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { type AdministrationParts, exportLink, factSection, notFound, page, reasonField, statusOf } from './shared.ts';
import { answersFor, seesHeld, starters, wideStoppers } from './stop-roles.ts';
import { remarkText, stopLine, stopperText } from './stop-words.ts';

const pageRows = 25;
/** Of unexplained movements: the number says how many there are. */
const mostUnexplained = 100;

/** What stands stopped, what stood, and the buttons that stop. */
export async function stopsPage({ db, cursors }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const standing = await standingStops(db, staff.agencies);
  const cursor = query.get(cursorName);
  const last = cursor === null ? undefined : cursors.open(staff.subject, 'stops', cursor);
  const before = last === undefined ? undefined : parseStopId(last);
  const ended = await listEndedStops(db, staff.agencies, { before, limit: pageRows + 1 });
  const shown = ended.slice(0, pageRows);
  const end = shown.at(-1);
  const next =
    ended.length > pageRows && end !== undefined ? cursors.seal(staff.subject, 'stops', end.stopId) : undefined;
  const names = await selectStaffNames(
    db,
    [...standing, ...shown].map(({ stoppedBy }) => stoppedBy),
  );
  const content = html`
${callout('info', words.say('administration.stop-what'), words.say('administration.stop-what-text'))}
${wideStoppers(visit) ? html`<div class="mb-3">${buttonLink('/stops/new', words.say('administration.stop-debits'), 'primary')}</div>` : ''}
${section(
  words.say('administration.stops-standing'),
  stopTable(visit, words.say('administration.stops-standing'), standing, names, () =>
    emptyState({
      title: words.say('administration.nothing-stopped'),
      advice: words.say('administration.nothing-stopped-text'),
    }),
  ),
  exportLink(visit, '/stops/export'),
)}
${section(
  words.say('administration.stops-ended'),
  html`${stopTable(visit, words.say('administration.stops-ended'), shown, names, () =>
    emptyState({
      title: words.say('administration.no-stops-ended'),
      advice: words.say('administration.no-stops-ended-text'),
    }),
  )}${pager(words, { path: '/stops', query }, next)}`,
)}`;
  return page(visit, 'stops', words.say('administration.tab.stops'), content);
}

const stopTable = (
  visit: Visit,
  caption: string,
  rows: readonly Stop[],
  names: ReadonlyMap<string, string>,
  empty: () => Html,
): Html =>
  table<Stop>({
    caption,
    captionHidden: true,
    rows,
    empty: empty(),
    columns: [
      {
        heading: visit.words.say('administration.what-stopped'),
        names: true,
        cell: (stop) => stopLine(visit, stop),
      },
      {
        heading: visit.words.say('administration.stopped-at'),
        cell: ({ stoppedAt }) => instantText(visit.words, stoppedAt),
      },
      {
        heading: visit.words.say('administration.stopped-by'),
        cell: (stop) => nameText(stopperText(visit.words, names, stop)),
      },
      {
        heading: visit.words.say('administration.started-at'),
        cell: ({ endedAt }) =>
          endedAt === undefined
            ? badge('bad', visit.words.say('administration.stop-stands'))
            : instantText(visit.words, endedAt),
      },
      {
        heading: visit.words.say('administration.open'),
        quiet: true,
        cell: ({ stopId }) => link(`/stops/${stopId}`, visit.words.say('administration.open')),
      },
    ],
  });

/** One stop: what it holds now, and how two people end it. */
export async function stopPage(parts: AdministrationParts, visit: Visit, faults: Faults = {}): Promise<PageAnswer> {
  const { db } = parts;
  const { words, staff, now, params } = visit;
  const stopId = parseStopId(params.stopId ?? '');
  const stop = stopId && (await lookUpStop(db, stopId, staff.agencies));
  if (stop === undefined) return notFound(visit, 'stops');
  const underWay = await underWayOf(db, stop);
  const restore = stop.endedAt === undefined ? await restoreOf(db, stop.stopId) : undefined;
  const unexplained = restore === undefined ? [] : await unexplainedMovements(db, mostUnexplained);
  const names = await selectStaffNames(db, [stop.stoppedBy]);
  const proposals = await proposalsOf(db, stop.stopId);
  const waiting = proposals.find((one) => one.kind === startingAgain && stateAt(one, now) === 'WAITING');
  const count = (label: string, value: number, note: string) => ({ label, value: words.number(value), note });
  const content = html`
${lead(stopLine(visit, stop), stop.endedAt === undefined ? badge('bad', words.say('administration.stop-stands')) : badge('over', words.say('administration.stop-ended')))}
${factSection(words, [
  [words.say('administration.stopped-at'), instantText(words, stop.stoppedAt)],
  [words.say('administration.stopped-by'), nameText(stopperText(words, names, stop))],
  [words.say('administration.reason'), nameText(remarkText(words, stop))],
  ...(stop.endedAt === undefined
    ? []
    : [[words.say('administration.started-at'), instantText(words, stop.endedAt)] as const]),
])}
${restore === undefined ? '' : restoredSection(visit, restore, unexplained)}
${
  stop.endedAt === undefined && seesHeld(visit, stop.scope)
    ? section(
        words.say('administration.under-way'),
        html`${tiles([
          count(words.say('administration.sending'), underWay.sending, words.say('administration.sending-note')),
          count(words.say('administration.in-doubt'), underWay.inDoubt, words.say('administration.in-doubt-note')),
          count(words.say('administration.waiting'), underWay.waiting, words.say('administration.waiting-note')),
          count(words.say('administration.scheduled'), underWay.scheduled, words.say('administration.scheduled-note')),
        ])}${actions(buttonLink(`/stops/${stop.stopId}`, words.say('administration.look-again')))}`,
      )
    : ''
}
${
  stop.endedAt !== undefined || !hasRole(staff, starters) || !answersFor(visit, stop.scope)
    ? ''
    : section(
        words.say('administration.start-again'),
        waiting === undefined
          ? form({
              visit,
              action: `/stops/${stop.stopId}/start`,
              content: html`<p>${words.say('administration.start-again-text')}</p>${reasonField(visit, faults)}${despiteField(visit, restore, faults)}${actions(submitButton({ label: words.say('administration.propose-start') }))}`,
            })
          : html`<p>${words.say('administration.start-waits')}</p>${actions(buttonLink(`/approvals/${waiting.proposalId}`, words.say('administration.to-approval'), 'primary'))}`,
      )
}`;
  return page(visit, 'stops', words.say('administration.stop-title'), content, statusOf(faults));
}

type Restore = NonNullable<Awaited<ReturnType<typeof restoreOf>>>;

/** What is to be done before anything may be sent again by a database that was put back to an earlier time. */
function restoredSection(visit: Visit, restore: Restore, unexplained: readonly UnexplainedMovement[]) {
  const { words } = visit;
  const until = words.instant(restore.knownUntil);
  return section(
    words.say('administration.restored-stop'),
    html`<p>${words.say('administration.restored-text', { until })}</p>${tiles([
      {
        label: words.say('administration.restored-movements'),
        value: words.say(restore.isRead ? 'administration.restored-read' : 'administration.restored-unread'),
        note: '',
      },
      {
        label: words.say('administration.restored-unclaimed'),
        value: words.number(restore.unclaimed),
        note: words.say('administration.restored-unclaimed-note'),
      },
      {
        label: words.say('administration.restored-unexplained'),
        value: words.number(restore.unexplained),
        note: words.say('administration.restored-unexplained-note'),
      },
    ])}${unexplained.length === 0 ? '' : unexplainedTable(visit, unexplained)}`,
  );
}

/** With the core's reference, by which the agency finds both accounts in the core's own books. */
const unexplainedTable = ({ words }: Visit, rows: readonly UnexplainedMovement[]): Html =>
  table<UnexplainedMovement>({
    caption: words.say('administration.restored-unexplained'),
    rows,
    empty: html``,
    columns: [
      { heading: words.say('administration.movement-reference'), names: true, cell: ({ reference }) => ltr(reference) },
      { heading: words.say('common.day'), cell: ({ bookingDate }) => dayText(words, bookingDate) },
      { heading: words.say('administration.movement-amount'), cell: ({ amount }) => amountText(words, amount) },
      {
        heading: words.say('administration.movement-why'),
        cell: ({ why }) => words.say(`administration.unexplained.${why}`),
      },
    ],
  });

/** Where a restore has left movements open: nobody starts again without having said so. */
const despiteField = ({ words }: Visit, restore: Restore | undefined, faults: Faults) =>
  restore === undefined || restore.unclaimed + restore.unexplained === 0
    ? ''
    : checkboxField({
        name: 'despite',
        value: `${restore.unclaimed}-${restore.unexplained}`,
        label: words.say('administration.start-despite', {
          unclaimed: words.number(restore.unclaimed),
          unexplained: words.number(restore.unexplained),
        }),
        fault: faults.despite,
      });
