import { html } from 'hono/html';
import { placeText } from '../../journal/canonical.ts';
import { insertTrailExport, selectTrail, type TrailEntry, type TrailFilter } from '../../journal/trail.sql.ts';
import { algiersDay, formatInstant } from '../../values/dates.ts';
import { csvFile } from '../csv.ts';
import { faultSummary } from '../look/form.ts';
import { csvLink, cursorName, emptyState, filterForm, pager, table, toolbar } from '../look/table.ts';
import { type Content, instantText, link, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { filterFields, type ReadFilter, readFilter } from './filter.ts';
import {
  type AuditParts,
  auditPath,
  entryPath,
  kindText,
  type Names,
  readsAll,
  reasonOf,
  stateText,
  subject,
  who,
  whoText,
} from './shared.ts';

const pageRows = 50;
const rowsExported = 1_000;

/** The journal, newest first, as far as the reader may read it. */
export async function trailPage(parts: AuditParts, visit: Visit): Promise<PageAnswer> {
  const { words, query, staff } = visit;
  const read = await readFilter(parts, visit);
  const isFaulty = Object.keys(read.faults).length > 0;
  const page = isFaulty ? { rows: [], next: undefined } : await pageOf(parts, visit, read.filter);
  const names = await namesOf(parts, page.rows);
  const title = words.say(readsAll(staff) ? 'audit.title' : 'audit.own-title');
  const content = html`<p>${words.say(readsAll(staff) ? 'audit.lead' : 'audit.own-lead')}</p>
${faultSummary(words, read.faults)}
${filterForm(words, { path: auditPath, query }, ...filterFields(visit, read))}
${page.rows.length === 0 ? '' : toolbar(csvLink(words, { path: `${auditPath}/export`, query }))}
${isFaulty ? '' : trailTable(visit, page.rows, names, read)}
${pager(words, { path: auditPath, query }, page.next)}`;
  return { answer: 'PAGE', status: isFaulty ? 422 : 200, title, content };
}

async function pageOf({ db, cursors }: AuditParts, { query, staff }: Visit, filter: TrailFilter) {
  // A cursor holds for this reader and these filters alone.
  const list = `journal ${JSON.stringify(filter)}`;
  const sent = query.get(cursorName);
  const before = sent === null ? undefined : cursors.open(staff.subject, list, sent);
  const found = await selectTrail(db, filter, { before, limit: pageRows + 1 });
  const rows = found.slice(0, pageRows);
  const last = rows.at(-1);
  const next =
    found.length > pageRows && last !== undefined ? cursors.seal(staff.subject, list, last.entryId) : undefined;
  return { rows, next };
}

const namesOf = ({ db }: Pick<AuditParts, 'db'>, rows: readonly TrailEntry[]): Promise<Names> =>
  selectStaffNames(db, [
    ...new Set(rows.flatMap(({ side, actor }) => (side === 'bank' && actor !== undefined ? [actor] : []))),
  ]);

const trailTable = (visit: Visit, rows: readonly TrailEntry[], names: Names, { filter }: ReadFilter): Content => {
  const { words } = visit;
  const narrowed = Object.entries(filter).some(
    ([name, value]) => value !== undefined && (name !== 'person' || readsAll(visit.staff)),
  );
  return table<TrailEntry>({
    caption: words.say('audit.list'),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say(narrowed ? 'audit.none-found' : 'audit.none'),
      advice: words.say(narrowed ? 'audit.none-found-advice' : 'audit.none-advice'),
      action: narrowed ? { href: auditPath, label: words.say('common.clear-filters') } : undefined,
    }),
    columns: [
      {
        heading: words.say('audit.number'),
        names: true,
        cell: ({ entryId, place }) =>
          link(entryPath(entryId), place === undefined ? words.say('audit.not-sealed') : ltr(placeText(place))),
      },
      { heading: words.say('audit.when'), cell: ({ at }) => instantText(words, at) },
      { heading: words.say('audit.who'), cell: (entry) => who(words, entry, names) },
      {
        heading: words.say('audit.what'),
        cell: (entry) => html`${kindText(words, entry.kind)}${change(visit, entry)}`,
      },
      { heading: words.say('audit.subject'), cell: subject },
      { heading: words.say('audit.why'), cell: ({ reason }) => (reason === undefined ? '–' : reasonOf(words, reason)) },
      {
        heading: words.say('audit.from-where'),
        cell: ({ from }) => (from === undefined ? '–' : html`<span class="text-nowrap">${ltr(from)}</span>`),
      },
    ],
  });
};

/** From which state to which, where it changed. */
function change({ words }: Visit, { kind, fromState, toState }: TrailEntry): Content {
  if (toState === undefined || toState === fromState) return '';
  const to = stateText(words, kind, toState);
  if (fromState === undefined) return html`<br><span class="text-body-secondary">${to}</span>`;
  return html`<br><span class="text-body-secondary">${stateText(words, kind, fromState)} <span class="arrow" aria-hidden="true"></span><span class="visually-hidden">${words.say('common.becomes')}</span> ${to}</span>`;
}

/** The same rows as a file, all of them: taking them out is an act, told before the first goes out. */
export async function exportTrail(parts: AuditParts, visit: Visit): Promise<PageAnswer> {
  const { words, query, staff, from, now } = visit;
  const { filter, faults } = await readFilter(parts, visit);
  if (Object.keys(faults).length > 0) return { answer: 'GO', to: `${auditPath}?${query}` };
  await insertTrailExport(parts.db, { by: staff.subject, from, filter });
  type Named = TrailEntry & { who: string };
  async function* rows(): AsyncGenerator<Named, void, undefined> {
    let before: string | undefined;
    for (;;) {
      const page = await selectTrail(parts.db, filter, { before, limit: rowsExported });
      const names = await namesOf(parts, page);
      for (const entry of page) yield { ...entry, who: whoText(words, entry, names) };
      before = page.at(-1)?.entryId;
      if (before === undefined) return;
    }
  }
  return csvFile<Named>(
    words,
    `${words.say('audit.file-name')}-${algiersDay(now)}.csv`,
    [
      {
        title: words.say('audit.number'),
        kind: 'TEXT',
        of: ({ place }) => (place === undefined ? '' : placeText(place)),
      },
      { title: words.say('audit.when'), kind: 'TEXT', of: ({ at }) => formatInstant(at) },
      { title: words.say('audit.day'), kind: 'TEXT', of: ({ at }) => algiersDay(at) },
      { title: words.say('audit.who'), kind: 'TEXT', of: (entry) => entry.who },
      { title: words.say('audit.actor'), kind: 'TEXT', of: ({ actor }) => actor ?? '' },
      { title: words.say('audit.what'), kind: 'TEXT', of: ({ kind }) => kindText(words, kind) },
      { title: words.say('audit.code'), kind: 'TEXT', of: ({ kind }) => kind },
      { title: words.say('audit.subject'), kind: 'TEXT', of: ({ subjectId }) => subjectId ?? '' },
      { title: words.say('audit.creditor'), kind: 'TEXT', of: ({ creditor }) => creditor ?? '' },
      { title: words.say('audit.state-before'), kind: 'TEXT', of: ({ fromState }) => fromState ?? '' },
      { title: words.say('audit.state-after'), kind: 'TEXT', of: ({ toState }) => toState ?? '' },
      { title: words.say('audit.why'), kind: 'TEXT', of: ({ reason }) => reason ?? '' },
      { title: words.say('audit.from-where'), kind: 'TEXT', of: (entry) => entry.from ?? '' },
    ],
    rows(),
  );
}
