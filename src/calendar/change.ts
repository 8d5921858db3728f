import type pg from 'pg';
import type { ApplyOutcome, Approval } from '../approvals/decide.ts';
import type { Proposal, ProposalContent } from '../approvals/proposal.ts';
import { type ProposeOutcome, propose } from '../approvals/propose.ts';
import type { Queryable } from '../database/queryable.ts';
import { parseDay } from '../values/dates.ts';
import { uuidV7 } from '../values/ids.ts';
import { insertCoreHours, insertFeast, insertWeek, selectCalendar, withdrawFeast } from './calendar.sql.ts';
import { type BankCalendar, parseTimeOfDay, weekdays } from './calendar.ts';
import type { CalendarChange } from './typed.ts';

/** The kinds of proposal that change the calendar. */
export const calendarKinds = ['calendar.feast', 'calendar.withdrawal', 'calendar.week', 'calendar.core'] as const;

type Asking = { reason: string; by: string; from: string; now: Date };

export const readCalendar = (db: Queryable): Promise<BankCalendar> => selectCalendar(db);

/** Asks for a change of the calendar: nothing is changed before another person has approved it. */
export async function proposeChange(db: Queryable, change: CalendarChange, asking: Asking): Promise<ProposeOutcome> {
  const subjectId = uuidV7(asking.now);
  return propose(db, { ...asking, kind: change.kind, subjectId, agencyCode: undefined, content: contentOf(change) });
}

/** The same for taking a feast out, which was moved or was entered wrongly. */
export async function proposeWithdrawal(
  db: Queryable,
  feastId: string,
  asking: Asking,
): Promise<ProposeOutcome | { outcome: 'NOT_FOUND' }> {
  const feast = (await selectCalendar(db)).feasts.find((known) => known.feastId === feastId);
  if (feast === undefined) return { outcome: 'NOT_FOUND' };
  const { on, nameFr, nameAr, source } = feast;
  const content = contentOf({ kind: 'calendar.feast', on, nameFr, nameAr, source });
  return propose(db, { ...asking, kind: 'calendar.withdrawal', subjectId: feastId, agencyCode: undefined, content });
}

/** Does what was approved, in the transaction of its approval. */
export async function applyChange(db: pg.PoolClient, proposal: Proposal, approval: Approval): Promise<ApplyOutcome> {
  const entry = { id: proposal.subjectId ?? '', proposalId: proposal.proposalId, by: approval.by, from: approval.from };
  if (proposal.kind === 'calendar.withdrawal')
    return (await withdrawFeast(db, entry)) ? applied : { outcome: 'IMPOSSIBLE', why: 'withdrawn' };
  const change = changeOf(proposal);
  switch (change.kind) {
    case 'calendar.feast': {
      const { on, nameFr, nameAr, source } = change;
      const day = 'day' in on ? on.day : null;
      const yearly = 'yearly' in on ? on.yearly : null;
      const entered = await insertFeast(db, entry, { day, yearly, nameFr, nameAr, source });
      return entered ? applied : { outcome: 'IMPOSSIBLE', why: 'day-taken' };
    }
    case 'calendar.week':
      await insertWeek(db, entry, change);
      return applied;
    case 'calendar.core':
      await insertCoreHours(db, entry, change);
      return applied;
  }
}

const applied: ApplyOutcome = { outcome: 'APPLIED' };

function contentOf(change: CalendarChange): ProposalContent {
  const { source } = change;
  switch (change.kind) {
    case 'calendar.feast': {
      const { on, nameFr, nameAr } = change;
      return { ...('day' in on ? { day: on.day } : { yearly: on.yearly }), nameFr, nameAr, source };
    }
    case 'calendar.week':
      return { fromDay: change.fromDay, weekend: change.weekend, source };
    case 'calendar.core':
      return {
        fromDay: change.fromDay,
        closesAt: change.closed?.from ?? null,
        opensAt: change.closed?.to ?? null,
        source,
      };
  }
}

/** What a proposal would change, read back from what it holds; throws where this is none that was made here. */
export function changeOf({ kind, content }: Pick<Proposal, 'kind' | 'content'>): CalendarChange {
  const text = (name: string): string => {
    const value = content[name];
    return typeof value === 'string' ? value : '';
  };
  const source = text('source');
  const fromDay = parseDay(text('fromDay'));
  switch (kind) {
    case 'calendar.feast':
    case 'calendar.withdrawal': {
      const day = parseDay(text('day'));
      const on = day === undefined ? { yearly: text('yearly') } : { day };
      return { kind: 'calendar.feast', on, nameFr: text('nameFr'), nameAr: text('nameAr'), source };
    }
    case 'calendar.week': {
      const named = content.weekend;
      const weekend = weekdays.filter((weekday) => Array.isArray(named) && named.includes(weekday));
      if (fromDay !== undefined) return { kind, fromDay, weekend, source };
      break;
    }
    case 'calendar.core': {
      const from = parseTimeOfDay(text('closesAt'));
      const to = parseTimeOfDay(text('opensAt'));
      const closed = from === undefined || to === undefined ? undefined : { from, to };
      if (fromDay !== undefined) return { kind, fromDay, closed, source };
    }
  }
  throw new Error(`a proposal that changes no calendar: ${kind}`);
}
