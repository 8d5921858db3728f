import { reviveDead, selectFailed } from '../../jobs/dead.sql.ts';
import { type FailedWork, parseSubjectId, parseWorkName } from '../../jobs/dead.ts';
import { algiersDay, formatInstant } from '../../values/dates.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { PageFault } from '../fault.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { workPage } from './list.ts';
import { exportPath, lookers, retriers, type WorkList, type WorkPageParts, workPath } from './parts.ts';

const rowsExported = 500;

/** What happens later and failed: who looks, and who lets what was given up be tried again. */
export function workPages(parts: WorkPageParts): BackOfficePage[] {
  const lists: readonly WorkList[] = ['dead', 'waiting'];
  const get = (path: string, run: BackOfficePage['run']): BackOfficePage => ({
    ...{ method: 'GET', path, section: 'work', roles: lookers, run },
  });
  return [
    ...lists.flatMap((list) => [
      get(workPath(list), (visit) => workPage(parts, list, visit)),
      get(exportPath(list), async (visit) => exported(parts, list, visit)),
    ]),
    {
      ...{ method: 'POST', path: '/work/:work/retry', section: 'work', roles: retriers },
      run: (visit) => retry(parts, visit),
    },
  ];
}

/** One of a work where the form names it, else all of it. */
async function retry({ db }: WorkPageParts, { words, staff, params, form }: Visit): Promise<PageAnswer> {
  const work = parseWorkName(params.work ?? '');
  const named = form.get('subject');
  const subjectId = named === null ? undefined : parseSubjectId(named);
  if (work === undefined || (named !== null && subjectId === undefined)) throw new PageFault('not-found');
  const count = await reviveDead(db, { work, subjectId, by: staff.subject });
  return { answer: 'GO', to: workPath('dead'), notice: words.say('work.retried', { count }) };
}

function exported({ db }: WorkPageParts, list: WorkList, { words, now }: Visit): PageAnswer {
  const rows = pageByPage<FailedWork>((last) =>
    selectFailed(db, { dead: list === 'dead', after: last?.place, limit: rowsExported }),
  );
  const instant = (at: Date | undefined): string => (at === undefined ? '' : formatInstant(at));
  const columns: CsvColumn<FailedWork>[] = [
    { title: words.say('work.kind'), kind: 'TEXT', of: ({ work }) => words.say(`work.name.${work}`) },
    { title: words.say('work.subject'), kind: 'CODE', of: ({ subjectId }) => subjectId },
    { title: words.say('work.since'), kind: 'TEXT', of: ({ since }) => instant(since) },
    { title: words.say('work.failures'), kind: 'TEXT', of: ({ failures }) => String(failures) },
    { title: words.say('work.fault'), kind: 'TEXT', of: ({ fault }) => fault },
    list === 'dead'
      ? { title: words.say('work.dead-at'), kind: 'TEXT', of: ({ deadAt }) => instant(deadAt) }
      : { title: words.say('work.next-at'), kind: 'TEXT', of: ({ nextAt }) => instant(nextAt) },
  ];
  return csvFile(words, `work-${list}-${algiersDay(now)}.csv`, columns, rows);
}
