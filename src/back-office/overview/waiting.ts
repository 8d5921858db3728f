import type { DebitsWaiting } from '../../debits/waiting.sql.ts';
import type { QueueCounts } from '../../mandates/queue.sql.ts';
import { queuePath } from '../debits/queue-tabs.ts';
import { type Tile, tiles } from '../look/blocks.ts';
import type { Html, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { lookers as workLookers, workPath } from '../work/parts.ts';

export type Waiting = {
  requests: QueueCounts;
  proposals: { count: number; firstEndsAt: Date | undefined };
  debits: DebitsWaiting;
  /** Given up of what happens later. */
  deadWork: number;
};

/** What waits for whom, each leading to where it is done: requests and debits for those whose work they are. */
export function waitingTiles(visit: Visit, { requests, proposals, debits, deadWork }: Waiting): Html {
  const { words, staff } = visit;
  const officer = hasRole(staff, ['officer', 'auditor']);
  const supervisor = hasRole(staff, ['supervisor', 'auditor']);
  const counted = (label: string, count: number, href: string, more: Partial<Tile> = {}): Tile => ({
    label,
    value: words.number(count),
    href,
    ...more,
    tone: count > 0 ? (more.tone ?? 'attention') : undefined,
  });
  const mine = hasRole(staff, ['supervisor']) ? requests.waitingForMe : requests.waiting;
  const entries: Tile[] = [
    ...(supervisor
      ? [
          counted(words.say('overview.to-certify'), mine, '/requests?queue=waiting', {
            note:
              requests.waitingSince === undefined
                ? undefined
                : words.say('overview.since', { since: words.instant(requests.waitingSince) }),
          }),
        ]
      : []),
    ...(officer
      ? [
          counted(words.say('overview.sent-back'), requests.sentBack, '/requests?queue=sent-back'),
          { ...counted(words.say('overview.drafts'), requests.drafts, '/requests?queue=drafts'), tone: undefined },
        ]
      : []),
    counted(words.say('overview.proposals'), proposals.count, '/approvals', {
      note:
        proposals.firstEndsAt === undefined
          ? undefined
          : words.say('overview.first-ends', { at: words.instant(proposals.firstEndsAt) }),
    }),
    ...(officer || supervisor
      ? [
          counted(words.say('overview.in-doubt'), debits.inDoubt, queuePath('in-doubt')),
          counted(words.say('overview.for-people'), debits.forPeople, queuePath('for-people'), { tone: 'bad' }),
          counted(words.say('overview.contradictions'), debits.contradictions, queuePath('contradictions'), {
            tone: 'bad',
          }),
          counted(words.say('overview.contests'), debits.contests, queuePath('contests'), {
            note:
              debits.contestsOverdue === 0
                ? undefined
                : words.say('overview.overdue', { count: debits.contestsOverdue }),
            tone: debits.contestsOverdue > 0 ? 'bad' : 'attention',
          }),
        ]
      : []),
    ...(hasRole(staff, workLookers)
      ? [counted(words.say('overview.dead-work'), deadWork, workPath('dead'), { tone: 'bad' })]
      : []),
  ];
  return tiles(entries);
}
