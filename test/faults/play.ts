import { setTimeout as pause } from 'node:timers/promises';
import type { Behaviour, MessageName } from '../../src/core-bank-simulator/behaviour.ts';
import { type KillPoint, reversalPoints } from '../kill/points.ts';
import type { Random } from '../kill/random.ts';
import type { FlowFault } from './plan.ts';
import type { Stand } from './stand.ts';

export type PlaySettings = {
  /** How long a replica that is stopped sleeps, and a receiver that is away stays so. */
  sleepSeconds: number;
  /** Whether the bus misbehaves when it is asked about a debit too: a short run has too few questions to be sure of any. */
  inquiriesToo: boolean;
};

/** PLAYED; TOLD to the bus, which counts by itself; or why it could not be on this machine. */
export type Played = 'PLAYED' | 'TOLD' | 'NOT_REACHED' | 'IMPOSSIBLE';

/**
 * Plays one fault to its end: when this resolves everything stands again, but for what sleeps long, which goes on beside
 * the faults that follow and is in `background`.
 */
export async function play(
  stand: Stand,
  fault: FlowFault,
  random: Random,
  settings: PlaySettings,
  background: Set<Promise<void>>,
): Promise<Played> {
  const { database, redis, replicas, receiver, coreBank } = stand;
  const index = random.between(0, replicas.count - 1);
  const beside = (work: Promise<void>): 'PLAYED' => {
    const ended: Promise<void> = work.finally(() => background.delete(ended));
    background.add(ended);
    return 'PLAYED';
  };
  switch (fault.fault) {
    case 'kill': {
      if (fault.at === 'random') {
        await pause(random.between(0, 500));
        await replicas.kill(index);
        return 'PLAYED';
      }
      // Only what is in doubt comes to some of them: answers are lost once the replica is there to look after them.
      const about = doubtBefore(fault.at);
      const loseAnswers =
        about === undefined
          ? undefined
          : () =>
              coreBank.tell(`doubt.${random.between(0, 1e9)}`, {
                ...{ when: { message: about }, times: 40, behaviour: unseen },
              });
      const isRare = about !== undefined || reversalPoints.some((point) => point === fault.at);
      const pass = isRare ? 1 : random.between(1, 10);
      for (let tries = 0; tries < 3; tries += 1)
        if (await replicas.dieAt(index, { at: fault.at, pass }, loseAnswers)) return 'PLAYED';
      return 'NOT_REACHED';
    }
    case 'stop-and-wake':
      return beside(
        replicas.sleep(index, async () => {
          await pause(settings.sleepSeconds * 1000);
        }),
      );
    case 'postgres-restart':
      await database.stop();
      await pause(random.between(200, 2000));
      await database.start();
      return 'PLAYED';
    case 'postgres-crash':
      await database.crash();
      await pause(random.between(0, 500));
      await database.start();
      return 'PLAYED';
    case 'postgres-cut-answers':
      for (let cut = 0; cut < 5; cut += 1) {
        database.cutAnswers();
        await pause(random.between(50, 400));
      }
      return 'PLAYED';
    case 'disk-full':
      if (!database.canBeFilled) return 'IMPOSSIBLE';
      await database.fillDisk();
      await pause(random.between(1000, 3000));
      await database.makeRoom();
      // A server that could not write its log has ended by itself.
      await database.crash();
      await database.start();
      return 'PLAYED';
    case 'redis-emptied':
      await redis.empty();
      return 'PLAYED';
    case 'redis-restart':
      await redis.stop();
      await pause(random.between(500, 4000));
      await redis.start();
      return 'PLAYED';
    case 'receiver-away':
      if (!receiver.isThere()) return 'NOT_REACHED';
      await receiver.goAway();
      return beside(pause(settings.sleepSeconds * 1000).then(() => receiver.comeBack()));
    case 'clock-moved':
      replicas.moveClock(index, random.pick([-7200, -90, 90, 86_400]));
      await pause(random.between(500, 1500));
      replicas.moveClock(index, 0);
      return 'PLAYED';
    case 'deployment':
      await replicas.deploy();
      return 'PLAYED';
    case 'bus': {
      // Each by a name of its own, so that it is seen at the end whether any exchange was played so.
      const message = random.pick(messagesOf(fault.behaviour.do, settings.inquiriesToo));
      const rule = { when: { message }, times: random.between(2, 6), behaviour: fault.behaviour };
      await coreBank.tell(`${fault.name}.${random.between(0, 1e9)}`, rule);
      await pause(random.between(500, 1500));
      return 'TOLD';
    }
  }
}

const doubtBefore = (at: KillPoint): 'pacs.003' | 'pacs.007' | undefined => {
  if (at === 'after-inquiry' || at === 'after-claim') return 'pacs.003';
  return at === 'after-reversal-inquiry' || at === 'after-reversal-claim' ? 'pacs.007' : undefined;
};

const unseen: Behaviour = { do: 'reset', processed: false };

/** With which messages it is played: mostly the instruction itself, now and then the question after it. */
const messagesOf = (behaviour: Behaviour['do'], inquiriesToo: boolean): readonly MessageName[] =>
  behaviour === 'cannot-void'
    ? ['camt.056']
    : behaviour === 'refuse' || !inquiriesToo
      ? ['pacs.003']
      : ['pacs.003', 'pacs.003', 'pacs.028'];
