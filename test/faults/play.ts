import { setTimeout as pause } from 'node:timers/promises';
import type { Behaviour, MessageName } from '../../src/core-bank-simulator/behaviour.ts';
import { type KillPoint, reversalPoints } from '../kill/points.ts';
import type { Random } from '../kill/random.ts';
import { busName, type FlowFault, type Instructed } from './plan.ts';
import type { MovedClock } from './replicas.ts';
import type { Stand } from './stand.ts';

export type PlaySettings = {
  /** How long a replica that is stopped sleeps, a receiver that is away stays so, and a clock goes wrong that was seen to. */
  sleepSeconds: number;
  /** Whether the bus misbehaves when it is asked about a debit too: a short run has too few questions to be sure of any. */
  inquiriesToo: boolean;
  /** Has a replica whose clock was moved look at it at once: by itself it does within half a minute. */
  measuresAtOnce: boolean;
  /** Takes what goes on beside the faults that follow, and counts it when it ends: false where its moment did not come. */
  beside: (work: Promise<boolean>) => void;
};

/** PLAYED; BESIDE the next ones; TOLD to the bus, which counts by itself; or why it could not be on this machine. */
export type Played = 'PLAYED' | 'BESIDE' | 'TOLD' | 'NOT_REACHED' | 'IMPOSSIBLE';

/**
 * Plays one fault to its end: when this resolves everything stands again, but for what sleeps long, which goes on beside
 * the faults that follow.
 */
export async function play(stand: Stand, fault: FlowFault, random: Random, settings: PlaySettings): Promise<Played> {
  const { database, redis, replicas, receiver, coreBank } = stand;
  const index = random.between(0, replicas.count - 1);
  const beside = (work: Promise<boolean>): 'BESIDE' => {
    settings.beside(work);
    return 'BESIDE';
  };
  const asLong = () => pause(settings.sleepSeconds * 1000);
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
      return beside(replicas.sleep(index, () => asLong()).then(() => true));
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
    case 'disk-full-crash':
      if (!database.canBeFilled) return 'IMPOSSIBLE';
      await database.fillDisk();
      await pause(random.between(1000, 3000));
      await database.makeRoom();
      // One that could not write its log ends all its sessions and recovers by itself, or has ended for good.
      if (fault.fault === 'disk-full' && (await database.writes())) return 'PLAYED';
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
      // It is away for so long that its turn may come again meanwhile: it goes once it is back.
      while (!receiver.isThere()) await pause(250);
      await receiver.goAway();
      return beside(
        asLong()
          .then(() => receiver.comeBack())
          .then(() => true),
      );
    case 'clock-moved': {
      if (replicas.clockOf(index) !== 0) return 'NOT_REACHED';
      const seconds = random.pick([-7200, -90, 90, 86_400]);
      return beside(
        replicas.moveClock(index, seconds, async (moved) => {
          if (!(await isSeen(moved, seconds, settings))) return false;
          // By what it has measured it goes on as long.
          await asLong();
          return true;
        }),
      );
    }
    case 'deployment':
      await replicas.deploy();
      return 'PLAYED';
    case 'bus': {
      // Each by a name of its own, so that it is seen at the end whether any exchange was played so.
      const message = random.pick(messagesOf(fault.of, fault.behaviour.do, settings.inquiriesToo));
      // Of reversals there are few.
      const times = fault.of === 'debit' ? random.between(2, 6) : random.between(1, 3);
      const rule = { when: { message }, times, behaviour: fault.behaviour };
      await coreBank.tell(`${busName(fault)}.${random.between(0, 1e9)}`, rule);
      await pause(random.between(500, 1500));
      return 'TOLD';
    }
  }
}

/** How long a replica may take to see that its clock is wrong: it may be killed, or asleep, when it would look. */
const seenSeconds = 240;

async function isSeen(
  moved: MovedClock,
  seconds: number,
  { measuresAtOnce }: Pick<PlaySettings, 'measuresAtOnce'>,
): Promise<boolean> {
  for (const until = Date.now() + seenSeconds * 1000; Date.now() < until; await pause(500)) {
    moved.move();
    if (measuresAtOnce) moved.measure();
    const skew = await moved.skewSeconds();
    if (skew !== undefined && Math.abs(skew - seconds) < 5) return true;
  }
  return false;
}

const doubtBefore = (at: KillPoint): 'pacs.003' | 'pacs.007' | undefined => {
  if (at === 'after-inquiry' || at === 'after-claim') return 'pacs.003';
  return at === 'after-reversal-inquiry' || at === 'after-reversal-claim' ? 'pacs.007' : undefined;
};

const unseen: Behaviour = { do: 'reset', processed: false };

/** With which messages it is played: mostly the instruction itself, now and then the question after it. */
const messagesOf = (of: Instructed, behaviour: Behaviour['do'], inquiriesToo: boolean): readonly MessageName[] =>
  behaviour === 'cannot-void'
    ? ['camt.056']
    : of === 'reversal'
      ? ['pacs.007']
      : behaviour === 'refuse' || !inquiriesToo
        ? ['pacs.003']
        : ['pacs.003', 'pacs.003', 'pacs.028'];
