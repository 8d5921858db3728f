import { setTimeout as pause } from 'node:timers/promises';
import { type Carrier, type CarrierSettings, openCarrier } from './carrier.ts';

/** Keeps a carrier open wherever Redis lets it. */
export type CarrierLink = AsyncDisposable & {
  /** The one that is open now. */
  carrier: () => Carrier | undefined;
  /** It failed at something: work goes on without it until the next one is open. */
  giveUp: (carrier: Carrier, fault: unknown) => void;
};

export type CarrierLinkSettings = Omit<CarrierSettings, 'onLost'> & {
  /** How often Redis is looked at. */
  everySeconds: number;
  /** Told when it is lost, and when it is away for the first time; not of each look. */
  onFault: (fault: unknown) => void;
};

/** Never waits for Redis: it is looked at beside the work, and what hangs there is cut. */
export function openCarrierLink({ everySeconds, onFault, ...settings }: CarrierLinkSettings): CarrierLink {
  const closing = new AbortController();
  let open: Carrier | undefined;
  let told = false;
  const away = (fault: unknown) => {
    if (!told) onFault(fault);
    told = true;
  };
  const giveUp = (carrier: Carrier | undefined, fault: unknown) => {
    if (carrier === undefined || carrier !== open) return;
    open = undefined;
    carrier.drop();
    away(fault);
  };
  const look = async () => {
    if (open !== undefined) {
      const looked = open;
      await looked.check().catch((fault: unknown) => giveUp(looked, fault));
      return;
    }
    try {
      let mine: Carrier | undefined;
      mine = await openCarrier({ ...settings, onLost: (fault) => giveUp(mine, fault) });
      open = mine;
      told = false;
    } catch (fault) {
      away(fault);
    }
  };
  const looking = (async () => {
    while (!closing.signal.aborted) {
      await look();
      await pause(everySeconds * 1000, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();
  return {
    carrier: () => open,
    giveUp,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await looking;
      await open?.[Symbol.asyncDispose]();
      open = undefined;
    },
  };
}
