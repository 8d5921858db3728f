import type { DebitsWaiting } from '../../debits/waiting.sql.ts';
import { tabs } from '../look/blocks.ts';
import type { Html } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';

export const queues = ['in-doubt', 'for-people', 'contradictions', 'contests'] as const;
export type Queue = (typeof queues)[number];

export const queuePath = (queue: Queue): string => `/debits/queue/${queue}`;

export const queueTitles: Record<Queue, WordKey> = {
  'in-doubt': 'debits.queue.in-doubt',
  'for-people': 'debits.queue.for-people',
  contradictions: 'debits.queue.contradictions',
  contests: 'debits.queue.contests',
};

/** The search and the queues beside each other, each queue with how many wait in it. */
export function queueTabs(words: Words, current: Queue | 'search', waiting: DebitsWaiting): Html {
  const counts: Record<Queue, number> = {
    'in-doubt': waiting.inDoubt,
    'for-people': waiting.forPeople,
    contradictions: waiting.contradictions,
    contests: waiting.contests,
  };
  return tabs(words.say('debits.tabs'), [
    { href: '/debits', label: words.say('debits.search'), current: current === 'search' },
    ...queues.map((queue) => ({
      href: queuePath(queue),
      label: words.say('debits.counted', { what: words.say(queueTitles[queue]), count: counts[queue] }),
      current: current === queue,
    })),
  ]);
}
