import type { Clock } from './clock.ts';

/** Reads when it is asked, once for all who ask within `seconds`; a reading that failed is tried again by the next. */
export function kept<Value>(read: () => Promise<Value>, clock: Clock, seconds: number): () => Promise<Value> {
  let last: { value: Promise<Value>; until: number } | undefined;
  return () => {
    const now = clock.now().getTime();
    if (last !== undefined && now < last.until) return last.value;
    const reading = { value: read(), until: now + seconds * 1000 };
    last = reading;
    reading.value.catch(() => {
      if (last === reading) last = undefined;
    });
    return reading.value;
  };
}
