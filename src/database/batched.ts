import { databaseFault, isUniqueViolation } from './faults.ts';

export type BatchSettings<Item> = {
  /** What two items may not share in one set: each is weighed against what stood before the set. */
  keysOf?: (item: Item) => readonly string[];
  /** The largest set. */
  most?: number;
  /** Sets under way at once. */
  concurrent?: number;
  /** Told each set's size. */
  onSet?: (size: number) => void;
};

type Waiting<Item, Result> = {
  item: Item;
  keys: readonly string[];
  resolve: (result: Result) => void;
  reject: (fault: unknown) => void;
};

const tries = 5;

/**
 * Makes of a set-based statement a function for one item. Calls that come while a set is under way are gathered into
 * the next; an idle one waits for nothing. Items that share a key go one after the other, in the order in which they
 * came, also between sets, so that no connection waits for another's lock. An item's data error reruns its set one by
 * one, a deadlock reruns the set, a lost connection fails all of it: the caller then knows nothing.
 */
export function batched<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  { keysOf = () => [], most = 64, concurrent = 2, onSet = () => undefined }: BatchSettings<Item> = {},
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  const held = new Set<string>();
  let underWay = 0;
  let gathering = false;

  const gather = () => {
    if (gathering || waiting.length === 0 || underWay >= concurrent) return;
    gathering = true;
    // One turn of the event loop, so that what was read from the sockets together goes together.
    setImmediate(() => {
      gathering = false;
      const set = takeSet();
      if (set.length > 0) void send(set);
      if (underWay < concurrent && set.length > 0) gather();
    });
  };

  const takeSet = (): Waiting<Item, Result>[] => {
    const set: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    // Keys of those passed over count too: nobody overtakes on a key.
    const blocked = new Set(held);
    for (const one of waiting) {
      const takes = set.length < most && !one.keys.some((key) => blocked.has(key));
      for (const key of one.keys) blocked.add(key);
      (takes ? set : left).push(one);
    }
    waiting = left;
    for (const { keys } of set) for (const key of keys) held.add(key);
    return set;
  };

  const send = async (set: readonly Waiting<Item, Result>[]) => {
    underWay += 1;
    onSet(set.length);
    await runSet(run, set);
    underWay -= 1;
    for (const { keys } of set) for (const key of keys) held.delete(key);
    gather();
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, keys: keysOf(item), resolve, reject });
      gather();
    });
}

/** Never throws: each item is told its own result or fault. */
async function runSet<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  set: readonly Waiting<Item, Result>[],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const results = await run(set.map(({ item }) => item));
      if (results.length !== set.length) throw new Error(`${results.length} results for ${set.length} items`);
      results.forEach((result, position) => {
        set[position]?.resolve(result);
      });
      return;
    } catch (fault) {
      const kind = databaseFault(fault);
      if (kind === 'AGAIN' && attempt < tries) continue;
      if (kind === 'ITEM' && set.length > 1) {
        for (const one of set) await runSet(run, [one]);
        return;
      }
      // Alone and yet too late for a new name: the next run sees who was first.
      if (isUniqueViolation(fault) && attempt < tries) continue;
      for (const { reject } of set) reject(fault);
      return;
    }
  }
}
