import { html } from 'hono/html';
import { countWaiting } from '../../approvals/look-up.ts';
import { debitFigures } from '../../debits/figures.ts';
import { countDebitsWaiting } from '../../debits/waiting.sql.ts';
import { countDead } from '../../jobs/dead.sql.ts';
import { countQueue } from '../../mandates/queue.sql.ts';
import { algiersDay } from '../../values/dates.ts';
import { lookers } from '../administration/shared.ts';
import { seesKind } from '../approvals/access.ts';
import type { ApprovalKind } from '../approvals/kind.ts';
import { approvalKinds } from '../approvals/kinds.ts';
import { csvFile } from '../csv.ts';
import { readers } from '../debits/parts.ts';
import { callout, columns, lead, section } from '../look/blocks.ts';
import { csvLink, toolbar } from '../look/table.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { hasRole, roles } from '../staff.ts';
import { lookers as workLookers } from '../work/parts.ts';
import { endingSoon, endingTable } from './expiring.ts';
import { asOfLine, dayChart, figureColumns, figureLines, hourChart, outcomes, todayTiles } from './figures.ts';
import { waitingTiles } from './waiting.ts';

type OverviewParts = Pick<BackOfficeParts, 'db' | 'ownCertificates' | 'keys' | 'config'> & {
  kinds: readonly ApprovalKind[];
};

/** Where everyone arrives: what waits for them, how the day goes, what ends soon. */
export function overviewPages(parts: BackOfficeParts): BackOfficePage[] {
  const overview: OverviewParts = { ...parts, kinds: approvalKinds(parts) };
  const get = (path: string, run: BackOfficePage['run']): BackOfficePage => ({
    ...{ method: 'GET', path, section: 'overview', roles, run },
  });
  return [
    get('/', (visit) => overviewPage(overview, visit)),
    get('/overview/export', (visit) => exportFigures(parts, visit)),
  ];
}

/** Older figures than these are not the moment between a row and its sum: something stands still. */
const behindSeconds = 60;

async function overviewPage(parts: OverviewParts, visit: Visit): Promise<PageAnswer> {
  const { db, kinds } = parts;
  const { words, staff, now } = visit;
  const { agencies } = staff;
  const seen = kinds.filter((kind) => seesKind(visit, kind)).map(({ kind }) => kind);
  const administers = hasRole(staff, lookers);
  const [figures, requests, proposals, debits, dead, endings] = await Promise.all([
    debitFigures(db, agencies, now),
    countQueue(db, { agencies, me: staff.subject, now }),
    countWaiting(db, { kinds: seen, agencies, now }),
    countDebitsWaiting(db, agencies, algiersDay(now)),
    hasRole(staff, workLookers) ? countDead(db) : new Map<string, number>(),
    administers ? endingSoon(parts, now) : [],
  ]);
  const deadWork = [...dead.values()].reduce((sum, count) => sum + count, 0);
  const behind = (now.getTime() - figures.asOf.getTime()) / 1000 > behindSeconds;
  const content = html`${lead(words.say('overview.lead', { day: words.day(figures.today) }), ' · ', asOfLine(words, figures.asOf))}
${behind ? callout('warning', words.say('overview.behind', { at: words.instant(figures.asOf) }), words.say('overview.behind-advice')) : ''}
${section(words.say('overview.waiting'), waitingTiles(visit, { requests, proposals, debits, deadWork }))}
${section(words.say('overview.today'), todayTiles(words, figures, hasRole(staff, readers)))}
${columns(hourChart(words, figures), dayChart(words, figures))}
${section(words.say('overview.outcomes'), html`${toolbar(csvLink(words, { path: '/overview/export', query: visit.query }))}${outcomes(words, figures)}`)}
${administers ? section(words.say('overview.expiring'), endingTable(visit, endings)) : ''}`;
  return { answer: 'PAGE', title: words.say('overview.title'), content };
}

/** The figures behind tables and charts: today by reason, the last days by outcome. */
async function exportFigures({ db }: Pick<BackOfficeParts, 'db'>, { words, staff, now }: Visit): Promise<PageAnswer> {
  const figures = await debitFigures(db, staff.agencies, now);
  return csvFile(words, `debits-${figures.today}.csv`, figureColumns(words), figureLines(words, figures));
}
