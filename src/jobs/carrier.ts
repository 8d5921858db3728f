import Queue, { type Queue as BullQueue } from 'bull';
import { Redis, type RedisOptions } from 'ioredis';
import { within } from './within.ts';
import type { WorkName } from './work.ts';

/** Bull's queues on one Redis, one a work. They carry ids and nothing else: what is lost with them is due in Postgres still. */
export type Carrier = AsyncDisposable & {
  /** Throws where Redis does not take them in time. An id that is in the queue already stays there once. */
  carry: (work: WorkName, ids: readonly string[]) => Promise<void>;
  /** Throws where Redis does not answer in time. */
  check: () => Promise<void>;
  /** Cuts the connections at once. What is under way goes on; its queue never hears of it. */
  drop: () => void;
};

export type CarrierSettings = {
  url: string;
  works: readonly WorkName[];
  /** Runs one id that came out of a queue. Its rejection ends the job as well: Postgres knows when to try again. */
  run: (work: WorkName, id: string) => Promise<void>;
  /** Told once, when a connection is gone. */
  onLost: (fault: Error) => void;
};

/** How long Redis has for anything: it is here to make things quicker. */
const patienceSeconds = 2;

/** Jobs of a work that one replica has taken out of its queue at once; they are run in sets. */
const atOnce = 64;

/**
 * No reconnecting and no waiting for it: a command fails at once where its connection is gone, and a carrier that lost
 * one is given up whole. Whoever uses it opens another.
 */
const options: RedisOptions = {
  lazyConnect: true,
  retryStrategy: () => null,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  maxRetriesPerRequest: null,
  connectTimeout: patienceSeconds * 1000,
};

/** Connects, and begins to take ids out. Throws where Redis is away or refuses. */
export async function openCarrier({ url, works, run, onLost }: CarrierSettings): Promise<Carrier> {
  const clients: Redis[] = [];
  let closing = false;
  const lost = (fault: Error) => {
    if (closing) return;
    drop();
    onLost(fault);
  };
  const connect = async (more: RedisOptions = {}) => {
    const client = new Redis(url, { ...options, ...more });
    clients.push(client);
    // An error that nobody hears would end the process.
    client.on('error', () => undefined);
    await within(patienceSeconds, client.connect());
    client.once('end', () => lost(new Error('the connection to Redis ended')));
    client.setMaxListeners(0);
    return client;
  };
  const drop = () => {
    closing = true;
    for (const client of clients) client.disconnect(false);
    void abandon([...queues.values()], clients);
  };
  const queues = new Map<WorkName, BullQueue>();
  try {
    const client = await connect({ commandTimeout: patienceSeconds * 1000 });
    const subscriber = await connect();
    for (const work of works) {
      // Waits for jobs, so that nothing else can be asked on it.
      const blocking = await connect();
      const again = blocking.connect.bind(blocking);
      // A closing queue cuts it, to wait for no job any more, and connects it once more for nothing: that one nobody would
      // close where Redis hangs, and its rejection, where Redis is away, would end the process.
      blocking.connect = (callback) => (closing ? Promise.resolve() : again(callback));
      queues.set(work, openQueue(work, { client, subscriber, bclient: blocking }));
    }
    // Refusals (no rights, no memory, a replica that only reads) show before anything counts on it.
    await within(patienceSeconds, Promise.all([...queues.values()].map((queue) => queue.isReady())));
    await within(patienceSeconds, client.set('gateway:carrier', 'written to see whether Redis takes writes', 'EX', 60));
    for (const [work, queue] of queues) {
      const jobs = queue.process(atOnce, ({ id }) => run(work, String(id)));
      // Resolves when the queue closes; a fault in it is a lost connection's.
      Promise.resolve(jobs).catch((fault: unknown) =>
        lost(fault instanceof Error ? fault : new Error('a queue failed')),
      );
    }
    return {
      async carry(work, ids) {
        const jobs = ids.map((id) => ({ data: null, opts: { jobId: id } }));
        const added = (await within(patienceSeconds, queues.get(work)?.addBulk(jobs) ?? Promise.resolve([]))) ?? [];
        // Bull passes over what Redis said to each: a job that was not taken has no name.
        if (added.length !== ids.length || added.some(({ id }) => typeof id !== 'string'))
          throw new Error('Redis did not take the ids');
      },
      async check() {
        await within(patienceSeconds, client.ping());
      },
      drop,
      async [Symbol.asyncDispose]() {
        closing = true;
        // Takes nothing new, and waits for what is under way as long as Redis lets it.
        await Promise.all(
          [...queues.values()].map((queue) => within(patienceSeconds, queue.close()).catch(() => undefined)),
        );
        for (const client of clients) client.disconnect(false);
      },
    };
  } catch (fault) {
    drop();
    throw fault;
  }
}

type Clients = Record<'client' | 'subscriber' | 'bclient', Redis>;

function openQueue(work: WorkName, clients: Clients): BullQueue {
  const queue = new Queue(work, {
    prefix: 'gateway',
    createClient: (type) => clients[type],
    defaultJobOptions: {
      // When to try again is Postgres's to say, for the queue may be empty at any moment.
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
    },
    settings: { lockDuration: 30_000, stalledInterval: 10_000, retryProcessDelay: 1_000 },
  });
  queue.on('error', () => undefined);
  return queue;
}

/** Stops the queues' own timers and loops. Bull connects again on its way out: what it opened so is cut too. */
async function abandon(queues: readonly BullQueue[], clients: readonly Redis[]): Promise<void> {
  await Promise.all(queues.map((queue) => within(patienceSeconds, queue.close(true)).catch(() => undefined)));
  for (const client of clients) client.disconnect(false);
}
