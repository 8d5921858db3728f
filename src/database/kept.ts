import type { Clock } from './clock.ts';

/** So many keys at once: past it all are forgotten, so that keys which a caller makes up fill no memory. */
const mostKeys = 1000;

/**
 * Reads when it is asked, once for all who ask for the key within `seconds`, counted from when it was asked first. A
 * reading that failed is tried again by the next.
 */
export function keptByKey<Key, Value>(
  read: (key: Key) => Promise<Value>,
  clock: Clock,
  seconds: number,
): { read: (key: Key) => Promise<Value>; forget: () => void } {
  const readings = new Map<Key, { askedAt: number; value: Promise<Value> }>();
  return {
    forget: () => readings.clear(),
    read(key) {
      const now = clock.now().getTime();
      const last = readings.get(key);
      // The clock may be set back when it is measured again: then nothing is taken for fresh.
      if (last !== undefined && now >= last.askedAt && now < last.askedAt + seconds * 1000) return last.value;
      if (readings.size >= mostKeys) readings.clear();
      const reading = { askedAt: now, value: read(key) };
      readings.set(key, reading);
      // A failure is its caller's to meet, and nobody else's.
      reading.value.catch(() => readings.get(key) === reading && readings.delete(key));
      return reading.value;
    },
  };
}

/** The same of one thing. */
export function kept<Value>(read: () => Promise<Value>, clock: Clock, seconds: number): () => Promise<Value> {
  const one = keptByKey((_: 'one') => read(), clock, seconds);
  return () => one.read('one');
}
