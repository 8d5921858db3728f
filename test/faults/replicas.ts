import { readFileSync } from 'node:fs';
import type { Cut } from '../kill/points.ts';
import { type GatewayProcess, startGateway } from '../kill/process.ts';

/** The replicas of one gateway: each is a process, and is started again whenever it has ended. */
export type Replicas = AsyncDisposable & {
  count: number;
  /** The API of each that is up. */
  origins: () => string[];
  /** The door of each that tells its figures. */
  operations: () => string[];
  /** Kills it, and starts it again; `cut` lets the next one die at a named point by itself. */
  kill: (index: number) => Promise<void>;
  /** Replaces it by one that dies at that point, and that one by a whole one. Answers whether it came to the point. */
  dieAt: (index: number, cut: Cut, onceUp?: () => Promise<void>) => Promise<boolean>;
  /** Stops it (SIGSTOP) while `meanwhile` goes on, and wakes it; nobody sends it anything then. */
  sleep: (index: number, meanwhile: () => Promise<void>) => Promise<void>;
  /** How far that replica's clock was moved; 0 where it is right. */
  clockOf: (index: number) => number;
  /** Moves it for as long as `meanwhile` goes on, whatever process the replica is by then. */
  moveClock: (index: number, seconds: number, meanwhile: (moved: MovedClock) => Promise<boolean>) => Promise<boolean>;
  /** Stops each in order and starts it again, one by one. */
  deploy: () => Promise<void>;
  /** Every answer that broke the contract, and every end that nobody asked for. */
  breaches: () => string[];
  /** The orderly stop of all; how each ended. */
  stop: () => Promise<string[]>;
};

/** A replica whose host's clock is wrong. */
export type MovedClock = {
  /** Tells the process that the replica is now, in case it is another than before. */
  move: () => void;
  /** Has it look at its clock at once, as it does by itself every half a minute. */
  measure: () => void;
  /** How far it says to be ahead of the database; undefined where it does not answer. */
  skewSeconds: () => Promise<number | undefined>;
};

/** One API port for each: a replica keeps its own over its restarts. */
export type ReplicaSettings = { environment: NodeJS.ProcessEnv; logFile: string; ports: readonly number[] };

type Replica = { process: GatewayProcess; origin: string | undefined; operations: string | undefined };

/** What the gateways wrote last. It holds no values (operations/log.ts). */
const lastLines = (logFile: string): string => readFileSync(logFile, 'utf8').trim().split('\n').slice(-12).join('\n  ');

/** How long one may take to come to its point: past it, it is killed where it is. */
const reachSeconds = 20;

export async function openReplicas({ environment, logFile, ports }: ReplicaSettings): Promise<Replicas> {
  const replicas: Replica[] = [];
  const found: string[] = [];
  const clocks = new Map<number, number>();
  const start = (index: number, cut?: Cut): Replica => {
    const port = String(ports[index]);
    const process = startGateway({ environment: { ...environment, GATEWAY_API_PORT: port }, logFile, cut });
    const replica: Replica = { process, origin: undefined, operations: undefined };
    replicas[index] = replica;
    void process.ready.then((origins) => {
      replica.origin = origins && `https://localhost:${port}`;
      replica.operations = origins?.operations;
    });
    void process.ended.then((how) => {
      replica.origin = undefined;
      replica.operations = undefined;
      found.push(...process.lines.filter((line) => line.startsWith('breach ')));
      if (how === 'SIGKILL' || how === '0') return;
      found.push(`a replica ended by itself: ${how}; ${lastLines(logFile)}`);
    });
    return replica;
  };
  const of = (index: number): Replica => {
    const replica = replicas[index];
    if (replica === undefined) throw new Error(`there is no replica ${index}`);
    return replica;
  };
  const end = async (index: number, signal: NodeJS.Signals): Promise<string> => {
    const { process } = of(index);
    process.signal(signal);
    return process.ended;
  };
  for (const index of ports.keys()) start(index);
  const up = await Promise.all(replicas.map(({ process }) => process.ready));
  if (up.includes(undefined)) throw new Error(`a replica did not start: ${logFile}`);
  return {
    count: ports.length,
    origins: () => replicas.flatMap(({ origin }) => origin ?? []),
    operations: () => replicas.flatMap(({ operations }) => operations ?? []),
    async kill(index) {
      await end(index, 'SIGKILL');
      await start(index).process.ready;
    },
    async dieAt(index, cut, onceUp) {
      await end(index, 'SIGKILL');
      const { process } = start(index, cut);
      await process.ready;
      await onceUp?.();
      const late = AbortSignal.timeout(reachSeconds * 1000);
      late.addEventListener('abort', () => process.signal('SIGKILL'));
      await process.ended;
      await start(index).process.ready;
      return process.lines.includes(`reached ${cut.at}`);
    },
    async sleep(index, meanwhile) {
      const replica = of(index);
      const { origin } = replica;
      replica.process.signal('SIGSTOP');
      replica.origin = undefined;
      await meanwhile();
      // It may have been killed in its sleep, and another be in its place.
      replica.process.signal('SIGCONT');
      if (replicas[index] === replica) replica.origin = origin;
    },
    clockOf: (index) => clocks.get(index) ?? 0,
    async moveClock(index, seconds, meanwhile) {
      clocks.set(index, seconds);
      const tell = (line: string) => of(index).process.tell(line);
      try {
        return await meanwhile({
          move: () => tell(`clock ${seconds}`),
          measure: () => tell('measure'),
          skewSeconds: () => skewOf(of(index).operations),
        });
      } finally {
        clocks.delete(index);
        tell('clock 0');
        tell('measure');
      }
    },
    async deploy() {
      for (const index of ports.keys()) {
        await end(index, 'SIGTERM');
        await start(index).process.ready;
      }
    },
    breaches: () => found,
    stop: () => Promise.all(replicas.map((_replica, index) => end(index, 'SIGTERM'))),
    async [Symbol.asyncDispose]() {
      await Promise.all(replicas.map(({ process }) => process[Symbol.asyncDispose]()));
    },
  };
}

/** As the operations' door shows it. One that is stopped or was killed tells nothing. */
async function skewOf(operations: string | undefined): Promise<number | undefined> {
  if (operations === undefined) return undefined;
  const text = await fetch(`${operations}/metrics`, { signal: AbortSignal.timeout(2000) })
    .then((answer) => answer.text())
    .catch(() => '');
  const [, seconds] = /^clock_skew_seconds (-?[\d.e+-]+)$/m.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
