/** Ends a pause before its time. */
export type Bell = {
  /** Ends the pause under way, or the next one where nobody pauses now. */
  ring: () => void;
  /** Answers after so many seconds, or when it is rung, or closed. */
  pause: (seconds: number) => Promise<void>;
};

export function openBell(closing: AbortSignal): Bell {
  let rung = false;
  let wake = () => {};
  closing.addEventListener('abort', () => wake(), { once: true });
  return {
    ring() {
      rung = true;
      wake();
    },
    async pause(seconds) {
      if (seconds > 0 && !rung && !closing.aborted) {
        const woken = Promise.withResolvers<void>();
        const timer = setTimeout(woken.resolve, seconds * 1000);
        wake = woken.resolve;
        await woken.promise;
        clearTimeout(timer);
      }
      // Whoever paused looks now: what was rung for so far is seen.
      rung = false;
    },
  };
}
