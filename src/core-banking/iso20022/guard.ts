import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
} from 'cockatiel';
import type { BusConnection, Exchange } from './exchange.ts';

export type GuardSettings = {
  /** Exchanges at once; eight times as many wait, and what is over that is not sent. */
  underWay: number;
  /** So many failures one after the other, and the bus is left alone. */
  failures: number;
  pauseSeconds: number;
};

export type Guard = {
  exchange: BusConnection['exchange'];
  /** The bus has failed so often that nothing is sent, but for one message now and then. */
  isOpen: () => boolean;
};

/**
 * Bounds what is under way, and leaves a bus alone that has failed again and again. It sends nothing twice: what it
 * holds back is NOT_SENT, and the caller takes that for silence.
 */
export function guarded({ exchange }: Pick<BusConnection, 'exchange'>, settings: GuardSettings): Guard {
  const room = bulkhead(settings.underWay, settings.underWay * 8);
  const breaker = circuitBreaker(handleType(Outage), {
    breaker: new ConsecutiveBreaker(settings.failures),
    halfOpenAfter: settings.pauseSeconds * 1000,
  });
  return {
    async exchange(request, until) {
      try {
        return await room.execute(() =>
          breaker.execute(async () => {
            const ended = await exchange(request, until);
            if (isOutage(ended)) throw new Outage(ended);
            return ended;
          }),
        );
      } catch (fault) {
        if (fault instanceof Outage) return fault.exchange;
        if (fault instanceof BrokenCircuitError || fault instanceof BulkheadRejectedError) return notSent;
        throw fault;
      }
    },
    isOpen: () => breaker.state === CircuitState.Open,
  };
}

/** Thrown to the breaker alone, which counts what is thrown. */
class Outage extends Error {
  readonly exchange: Exchange;
  constructor(exchange: Exchange) {
    super(exchange.outcome);
    this.exchange = exchange;
  }
}

const notSent: Exchange = { outcome: 'NOT_SENT', httpStatus: undefined, body: undefined };

/** Only the bus's own failing: a 4xx is an answer of one that works, and what was held back here says nothing of it. */
function isOutage(exchange: Exchange): boolean {
  switch (exchange.outcome) {
    case 'TIMED_OUT':
    case 'BROKEN_OFF':
    case 'NOT_CONNECTED':
      return true;
    case 'HTTP_STATUS':
      return exchange.httpStatus >= 500;
    case 'ANSWERED':
    case 'TOO_LARGE':
    case 'NOT_SENT':
      return false;
  }
}
