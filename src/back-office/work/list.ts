import { html } from 'hono/html';
import { countDead, selectFailed } from '../../jobs/dead.sql.ts';
import type { FailedWork } from '../../jobs/dead.ts';
import type { WorkName } from '../../jobs/work.ts';
import { lead, section, tabs } from '../look/blocks.ts';
import { csrfField, hiddenField, postButton, submitButton } from '../look/form.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { instantText, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { exportPath, retriers, retryPath, subjectPath, type WorkList, type WorkPageParts, workPath } from './parts.ts';

const rowsShown = 50;

/** What failed of the work that happens later, the longest so first. */
export async function workPage({ db, cursors }: WorkPageParts, list: WorkList, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const cursor = query.get(cursorName);
  const last = cursor === null ? undefined : cursors.open(staff.subject, `work-${list}`, cursor);
  const [dead, found] = await Promise.all([
    countDead(db),
    selectFailed(db, { dead: list === 'dead', after: last, limit: rowsShown + 1 }),
  ]);
  const rows = found.slice(0, rowsShown);
  const end = rows.at(-1);
  const next =
    found.length > rowsShown && end !== undefined ? cursors.seal(staff.subject, `work-${list}`, end.place) : undefined;
  const content = html`${listTabs(visit, list, dead)}
${lead(words.say(`work.${list}-about`))}
${list === 'dead' && dead.size > 0 ? section(words.say('work.by-kind'), byKind(visit, dead)) : ''}
${rows.length > 0 ? toolbar(csvLink(words, { path: exportPath(list), query })) : ''}
${table<FailedWork>({
  caption: words.say(`work.tab.${list}`),
  captionHidden: true,
  rows,
  columns: columnsOf(visit, list),
  empty: emptyState({ title: words.say(`work.no-${list}`), advice: words.say(`work.no-${list}-advice`) }),
})}${pager(words, { path: workPath(list), query }, next)}`;
  return { answer: 'PAGE', title: words.say('work.title'), content };
}

const listTabs = ({ words }: Visit, list: WorkList, dead: ReadonlyMap<WorkName, number>): Html =>
  tabs(words.say('work.title'), [
    {
      href: workPath('dead'),
      label: words.say('work.counted', {
        what: words.say('work.tab.dead'),
        count: [...dead.values()].reduce((sum, count) => sum + count, 0),
      }),
      current: list === 'dead',
    },
    { href: workPath('waiting'), label: words.say('work.tab.waiting'), current: list === 'waiting' },
  ]);

/** How many are dead of each, and the button for all of them. */
function byKind(visit: Visit, dead: ReadonlyMap<WorkName, number>): Html {
  const { words, staff } = visit;
  const columns: Column<[WorkName, number]>[] = [
    { heading: words.say('work.kind'), names: true, cell: ([work]) => words.say(`work.name.${work}`) },
    { heading: words.say('work.how-many'), numeric: true, cell: ([, count]) => words.number(count) },
    ...(hasRole(staff, retriers)
      ? [
          {
            heading: words.say('work.retry-all'),
            quiet: true,
            cell: ([work]: [WorkName, number]) =>
              postButton({ visit, action: retryPath(work), label: words.say('work.retry-all') }),
          },
        ]
      : []),
  ];
  return table({
    ...{ csv: 'by-kind', caption: words.say('work.by-kind'), captionHidden: true },
    ...{ rows: [...dead], columns, empty: '' },
  });
}

function columnsOf(visit: Visit, list: WorkList): Column<FailedWork>[] {
  const { words, staff } = visit;
  const since: Column<FailedWork>[] = [
    { heading: words.say('work.since'), cell: (failed) => instantText(words, failed.since) },
    { heading: words.say('work.failures'), numeric: true, cell: ({ failures }) => words.number(failures) },
    { heading: words.say('work.fault'), cell: ({ fault }) => ltr(fault) },
  ];
  const kind: Column<FailedWork>[] = [
    { heading: words.say('work.kind'), cell: ({ work }) => words.say(`work.name.${work}`) },
    {
      heading: words.say('work.subject'),
      names: true,
      cell(failed) {
        const path = subjectPath(failed, staff);
        return path === undefined ? ltr(failed.subjectId) : link(path, ltr(failed.subjectId));
      },
    },
  ];
  if (list === 'waiting')
    return [
      ...kind,
      ...since,
      { heading: words.say('work.next-at'), cell: ({ nextAt }) => instantText(words, nextAt) },
    ];
  return [
    ...kind,
    ...since,
    {
      heading: words.say('work.dead-at'),
      cell: ({ deadAt }) => (deadAt === undefined ? '' : instantText(words, deadAt)),
    },
    ...(hasRole(staff, retriers)
      ? [{ heading: words.say('work.retry'), quiet: true, cell: (failed: FailedWork) => retryButton(visit, failed) }]
      : []),
  ];
}

const retryButton = (visit: Visit, { work, subjectId }: FailedWork): Html =>
  html`<form method="post" action="${retryPath(work)}" class="d-inline">${csrfField(visit)}${hiddenField('subject', subjectId)}${submitButton({ label: visit.words.say('work.retry'), tone: 'plain' })}</form>`;
