import { html } from 'hono/html';
import { listWaiting, proposalsBy } from '../../approvals/look-up.ts';
import { maySee, type Proposal, type ProposalId, parseProposalId, stateAt } from '../../approvals/proposal.ts';
import { algiersDay, formatInstant } from '../../values/dates.ts';
import { type AgencyNames, agencyName, agencyText } from '../agencies.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { badge } from '../look/badge.ts';
import { section } from '../look/blocks.ts';
import { type Column, csvLink, cursorName, emptyState, pager, table, toolbar } from '../look/table.ts';
import { type Content, instantText, link, ltr, nameText } from '../look/text.ts';
import type { Html, PageAnswer, Reading, Visit } from '../page.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { type ApprovalParts, maySettle, seesKind } from './access.ts';
import type { ApprovalKind } from './kind.ts';
import { proposalBadge } from './proposal-page.ts';

const pageRows = 25;
const ownRows = 10;
const rowsExported = 500;

type Kinds = ReadonlyMap<string, ApprovalKind>;

/** What waits, soonest over first; and what came of what the reader proposed. */
export async function waitingPage({ db, cursors, agencies, kinds }: ApprovalParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now, query } = visit;
  const seen = kindsFor(visit, kinds);
  const cursor = cursors.open(staff.subject, 'approvals', query.get(cursorName) ?? '');
  const [found, proposed] = await Promise.all([
    listWaiting(db, {
      kinds: [...seen.keys()],
      agencies: staff.agencies,
      now,
      after: cursor === undefined ? undefined : parseProposalId(cursor),
      limit: pageRows + 1,
    }),
    proposalsBy(db, staff.subject, { limit: ownRows }),
  ]);
  const rows = found.slice(0, pageRows);
  // Of a role or an agency that one had before, nothing is shown any more.
  const own = proposed.filter((proposal) => seen.has(proposal.kind) && maySee(proposal, staff.agencies));
  const last = rows.at(-1)?.proposalId;
  const next =
    found.length > pageRows && last !== undefined ? cursors.seal(staff.subject, 'approvals', last) : undefined;
  const about = await aboutOf(visit, seen, [...rows, ...own]);
  const people = [...rows, ...own].flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy ?? proposedBy]);
  const names = await selectStaffNames(db, people);
  const told: Told = {
    kinds: seen,
    agencies,
    texts: about.texts,
    named: (person) => nameText(names.get(person) ?? person),
  };
  const content = html`${section(
    words.say('approvals.waiting'),
    html`${rows.length === 0 ? '' : toolbar(csvLink(words, { path: '/approvals/export', query }))}${waitingTable(visit, told, rows)}${pager(words, { path: '/approvals', query }, next)}`,
  )}
${own.length === 0 ? '' : section(words.say('approvals.own'), ownTable(visit, told, own), csvLink(words, { path: '/approvals/own/export', query }))}`;
  return { answer: 'PAGE', title: words.say('approvals.title'), content, read: about.read };
}

const kindsFor = (visit: Visit, kinds: readonly ApprovalKind[]): Kinds =>
  new Map(kinds.filter((kind) => seesKind(visit, kind)).map((kind) => [kind.kind, kind]));

/** With its proposer's name. */
type Exported = Proposal & { proposer: string };

/** What waits, all of it, by ids: whom each concerns is named on the page. */
export async function exportWaiting({ db, agencies, kinds }: ApprovalParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now } = visit;
  const seen = kindsFor(visit, kinds);
  const rows = pageByPage(async (last: Exported | undefined): Promise<Exported[]> => {
    const asked = {
      kinds: [...seen.keys()],
      agencies: staff.agencies,
      now,
      after: last?.proposalId,
      limit: rowsExported,
    };
    const found = await listWaiting(db, asked);
    const names = await selectStaffNames(db, [...new Set(found.map(({ proposedBy }) => proposedBy))]);
    return found.map((one) => ({ ...one, proposer: names.get(one.proposedBy) ?? one.proposedBy }));
  });
  const columns: CsvColumn<Exported>[] = [
    { title: words.say('approvals.what'), kind: 'TEXT', of: ({ kind }) => titleOf(visit, seen, kind) },
    { title: words.say('approvals.about'), kind: 'CODE', of: ({ subjectId }) => subjectId ?? '' },
    { title: words.say('approvals.agency'), kind: 'CODE', of: ({ agencyCode }) => agencyCode ?? '' },
    {
      title: words.say('approvals.agency-name'),
      kind: 'TEXT',
      of: ({ agencyCode = '' }) => agencyName(words, agencies, agencyCode),
    },
    { title: words.say('approvals.proposed-by'), kind: 'TEXT', of: ({ proposer }) => proposer },
    { title: words.say('approvals.proposed-at'), kind: 'TEXT', of: ({ proposedAt }) => formatInstant(proposedAt) },
    { title: words.say('approvals.ends-at'), kind: 'TEXT', of: ({ endsAt }) => formatInstant(endsAt) },
  ];
  return csvFile(words, `approvals-${algiersDay(now)}.csv`, columns, rows);
}

/** One of the reader's proposals with the name of who decided on it. */
type Own = Proposal & { decider: string };

/** What the reader ever proposed and may still see, by ids too, with what came of it. */
export async function exportOwn({ db, kinds }: ApprovalParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now } = visit;
  const seen = kindsFor(visit, kinds);
  const rows = async function* () {
    const all = pageByPage<Own>(async (last) => {
      const some = await proposalsBy(db, staff.subject, { before: last?.proposalId, limit: rowsExported });
      const names = await selectStaffNames(db, [...new Set(some.flatMap(({ decidedBy }) => decidedBy ?? []))]);
      return some.map((one) => ({ ...one, decider: names.get(one.decidedBy ?? '') ?? one.decidedBy ?? '' }));
    });
    for await (const one of all) if (seen.has(one.kind) && maySee(one, staff.agencies)) yield one;
  };
  const columns: CsvColumn<Own>[] = [
    { title: words.say('approvals.what'), kind: 'TEXT', of: ({ kind }) => titleOf(visit, seen, kind) },
    { title: words.say('approvals.about'), kind: 'CODE', of: ({ subjectId }) => subjectId ?? '' },
    { title: words.say('approvals.proposed-at'), kind: 'TEXT', of: ({ proposedAt }) => formatInstant(proposedAt) },
    {
      title: words.say('approvals.outcome'),
      kind: 'TEXT',
      of: (one) => words.say(`approvals.state.${stateAt(one, now)}`),
    },
    { title: words.say('approvals.decided-by'), kind: 'TEXT', of: ({ decider }) => decider },
    { title: words.say('approvals.remark'), kind: 'TEXT', of: ({ decisionRemark }) => decisionRemark ?? '' },
  ];
  return csvFile(words, `approvals-own-${algiersDay(now)}.csv`, columns, rows());
}

function titleOf({ words }: Visit, kinds: Kinds, kind: string): string {
  const key = kinds.get(kind)?.title;
  return key === undefined ? '' : words.say(key);
}

type Texts = ReadonlyMap<ProposalId, string>;

/** What the tables say of a proposal beside itself. */
type Told = { kinds: Kinds; agencies: AgencyNames; texts: Texts; named: (person: string) => Html };

/** Kind by kind, each in one question of its own. */
async function aboutOf(
  visit: Visit,
  kinds: Kinds,
  proposals: readonly Proposal[],
): Promise<{ texts: Texts; read: readonly Reading[] }> {
  const answers = await Promise.all(
    [...Map.groupBy(proposals, ({ kind }) => kind)].map(([name, ofKind]) => kinds.get(name)?.about?.(visit, ofKind)),
  );
  const known = answers.filter((answer) => answer !== undefined);
  return { texts: new Map(known.flatMap(({ texts }) => [...texts])), read: known.flatMap(({ read }) => read) };
}

function commonColumns(visit: Visit, { kinds, texts }: Told): Column<Proposal>[] {
  const { words } = visit;
  const aboutText = ({ proposalId, subjectId }: Proposal): Content => {
    const text = texts.get(proposalId);
    return text === undefined ? ltr(subjectId ?? '') : nameText(text);
  };
  return [
    {
      heading: words.say('approvals.what'),
      names: true,
      cell: ({ proposalId, kind }) => link(`/approvals/${proposalId}`, titleOf(visit, kinds, kind)),
    },
    { heading: words.say('approvals.about'), cell: aboutText },
  ];
}

function waitingTable(visit: Visit, told: Told, rows: readonly Proposal[]): Html {
  const { words } = visit;
  return table<Proposal>({
    caption: words.say('approvals.waiting'),
    captionHidden: true,
    rows,
    empty: emptyState({ title: words.say('approvals.none'), advice: words.say('approvals.none-advice') }),
    mark: (proposal) => (turnOf(visit, proposal, told.kinds) === 'yours' ? 'warning' : undefined),
    columns: [
      ...commonColumns(visit, told),
      {
        heading: words.say('approvals.agency'),
        cell: ({ agencyCode }) =>
          agencyCode === undefined ? words.say('approvals.whole-bank') : agencyText(words, told.agencies, agencyCode),
      },
      { heading: words.say('approvals.proposed-by'), cell: ({ proposedBy }) => told.named(proposedBy) },
      { heading: words.say('approvals.ends-at'), cell: ({ endsAt }) => instantText(words, endsAt) },
      {
        heading: words.say('approvals.whose-turn'),
        cell: (proposal) => turnBadge(visit, turnOf(visit, proposal, told.kinds)),
      },
    ],
  });
}

/** So that whoever proposed learns of a refusal, and why. */
function ownTable(visit: Visit, told: Told, rows: readonly Proposal[]): Html {
  const { words, now } = visit;
  return table<Proposal>({
    caption: words.say('approvals.own'),
    captionHidden: true,
    rows,
    empty: '',
    columns: [
      ...commonColumns(visit, told),
      { heading: words.say('approvals.proposed-at'), cell: ({ proposedAt }) => instantText(words, proposedAt) },
      { heading: words.say('approvals.outcome'), cell: (proposal) => proposalBadge(words, stateAt(proposal, now)) },
      {
        heading: words.say('approvals.decided-by'),
        cell: ({ decidedBy }) => (decidedBy === undefined ? '' : told.named(decidedBy)),
      },
      {
        heading: words.say('approvals.remark'),
        cell: ({ decisionRemark }) => (decisionRemark === undefined ? '' : nameText(decisionRemark)),
      },
    ],
  });
}

type Turn = 'own' | 'yours' | 'others';

function turnOf(visit: Visit, proposal: Proposal, kinds: Kinds): Turn {
  if (proposal.proposedBy === visit.staff.subject) return 'own';
  const kind = kinds.get(proposal.kind);
  return kind !== undefined && maySettle(visit, kind, proposal) ? 'yours' : 'others';
}

const turnTones = { own: 'going', yours: 'attention', others: 'over' } as const;

const turnBadge = ({ words }: Visit, turn: Turn): Html => badge(turnTones[turn], words.say(`approvals.turn.${turn}`));
