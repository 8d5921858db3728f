import { setTimeout as pause } from 'node:timers/promises';
import { batched } from '../database/batched.ts';
import { type Backlog, openBacklog } from './backlog.ts';
import { openBell } from './bell.ts';
import { type CarrierLink, openCarrierLink } from './carrier-link.ts';
import { mostRun, runWork, type WorkSettings } from './run-work.ts';
import type { Work, WorkName } from './work.ts';

export type DispatchSettings = WorkSettings & {
  everySeconds: number;
  /** Without it the work goes by the sweep alone. */
  redisUrl: string | undefined;
  /** How long Bull has for what it was given, before the sweep does it. */
  lateSeconds: number;
  /** Told of what a round, or Redis, met. */
  onRoundFault: (work: WorkName | 'redis', fault: unknown) => void;
};

export type Dispatch = AsyncDisposable & {
  /** Who hands the work out now. */
  by: () => 'bull' | 'sweep';
  /** For each work: how long what is due has been so, as far as this replica has seen. */
  oldestSeconds: () => ReadonlyMap<WorkName, number>;
  /** Something of it was made due here, by what is no work: it is looked for at once. */
  look: (work: WorkName) => void;
};

/** How many ids one round gives to Bull, and how soon the next one follows where there were so many. */
const mostCarried = 512;
const backlogPauseSeconds = 0.1;

/**
 * Looks for due work again and again, on every replica. Where Redis is there, Bull carries the ids to whichever replica
 * is free, and the sweep does only what Bull has left undone; where it is not, the sweep does all. Closing waits for
 * what is under way.
 */
export function startDispatch(works: readonly Work[], given: DispatchSettings): Dispatch {
  const { everySeconds, onRoundFault, redisUrl } = given;
  const closing = new AbortController();
  const bells = new Map(works.map(({ name }) => [name, openBell(closing.signal)]));
  const makesDue = new Map(works.map((work) => [work.name, work.makesDue ?? []]));
  const settings: DispatchSettings = {
    ...given,
    onDone(name, done) {
      given.onDone?.(name, done);
      if (done.well > 0) for (const next of makesDue.get(name) ?? []) bells.get(next)?.ring();
    },
  };
  const underWay = new Set<Promise<unknown>>();
  const track = async <Result>(run: Promise<Result>): Promise<Result> => {
    underWay.add(run);
    try {
      return await run;
    } finally {
      underWay.delete(run);
    }
  };
  const backlogs = new Map(works.map(({ name }) => [name, openBacklog()]));
  const runners = new Map(works.map((work) => [work.name, runnerOf(work, settings)]));
  const link: CarrierLink | undefined =
    redisUrl === undefined || works.length === 0
      ? undefined
      : openCarrierLink({
          url: redisUrl,
          works: works.map(({ name }) => name),
          run: async (work, id) => void (await track(runners.get(work)?.(id) ?? Promise.resolve())),
          everySeconds,
          onFault: (fault) => onRoundFault('redis', fault),
        });

  const looking = works.map(async (work) => {
    const backlog = backlogs.get(work.name) ?? openBacklog();
    const bell = bells.get(work.name) ?? openBell(closing.signal);
    while (!closing.signal.aborted) {
      try {
        await bell.pause(await track(round(work, backlog, link, settings)));
      } catch (fault) {
        onRoundFault(work.name, fault);
        // Whatever rings meanwhile: what could not be looked for would fail again.
        await pause(everySeconds * 1000, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  });
  return {
    by: () => (link?.carrier() === undefined ? 'sweep' : 'bull'),
    oldestSeconds: () => new Map([...backlogs].map(([name, backlog]) => [name, backlog.oldestSeconds()])),
    look: (work) => bells.get(work)?.ring(),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.all([...looking, link?.[Symbol.asyncDispose]()]);
      await Promise.allSettled(underWay);
    },
  };
}

/** Looks once, and answers how many seconds to wait before the next look. */
async function round(
  work: Work,
  backlog: Backlog,
  link: CarrierLink | undefined,
  settings: DispatchSettings,
): Promise<number> {
  const { everySeconds, lateSeconds } = settings;
  const carrier = link?.carrier();
  const ids = await work.due(carrier === undefined ? mostRun : mostCarried);
  const isNew = backlog.see(ids);
  if (carrier === undefined) {
    if (ids.length > 0) await runWork(work, ids, settings);
    // What is due still, after it was run, is another replica's, or waits for something.
    return isNew ? 0 : everySeconds;
  }
  try {
    const fresh = backlog.notGivenTo(carrier);
    if (fresh.length > 0) await carrier.carry(work.name, fresh);
    backlog.give(fresh, carrier);
  } catch (fault) {
    link?.giveUp(carrier, fault);
    return 0;
  }
  const late = backlog.givenBefore(lateSeconds).slice(0, mostRun);
  if (late.length > 0) await runWork(work, late, settings);
  return late.length === mostRun || ids.length === mostCarried ? backlogPauseSeconds : everySeconds;
}

/** Gathers the ids that come out of Bull's queue one by one into sets. */
function runnerOf(work: Work, settings: DispatchSettings): (id: string) => Promise<void> {
  return batched(
    async (ids: readonly string[]) => {
      try {
        await runWork(work, ids, settings);
      } catch (fault) {
        settings.onRoundFault(work.name, fault);
      }
      return ids.map(() => undefined);
    },
    { most: mostRun, concurrent: 2 },
  );
}
