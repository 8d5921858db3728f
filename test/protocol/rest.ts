import type { CoreProperties } from '../../src/core-banking/port.ts';
import { isOpen } from './moves.ts';
import { factsAt, type Rules } from './rules.ts';
import { mostSends, type State } from './state.ts';

/**
 * What is lost sight of: nothing is under way any more, one replica lives and the core answers truly, and yet the debit
 * neither ends in this round nor is with people nor has a time to come at which it will.
 */
export function faultAtRest(s: State, core: CoreProperties, rules: Rules): string | undefined {
  const rests = isOpen(s) && s.copies === 0 && !s.lateVoid && s.replicas.every((doing) => doing === 'IDLE');
  if (!rests) return undefined;
  const refused = s.refused && rules.refusal === 'KEPT';
  const facts = factsAt(core, s, { world: s.world, refused });
  const step = rules.afterInquiry(facts, s.core === 'UNSEEN' ? 'UNKNOWN' : s.core);
  // A statement that sees its movement claims neither a send nor a void.
  const refusedByClaim = ({ looksAt }: { looksAt: ReadonlySet<string> }) => s.shownMoved && looksAt.has('movements');
  switch (step) {
    case 'SETTLE':
    case 'REJECT':
      return undefined;
    case 'PEOPLE': {
      const knows = s.core !== 'UNSEEN' || core.canVoid;
      return s.phase === 'EXPIRED' && s.world !== 'STOPPED' && knows && !s.shownMoved
        ? 'left to people, though the core can end it'
        : undefined;
    }
    case 'SEND':
      return s.phase === 'IN_TIME' && s.world === 'FREE' && !refused && !refusedByClaim(rules.claim)
        ? undefined
        : 'tried for ever, and never sent or voided';
    case 'VOID': {
      if (!core.canVoid) return 'voided for ever at a bus that can not';
      if (refusedByClaim(rules.voidClaim)) return 'tried for ever, and never sent or voided';
      const said = rules.afterVoid(facts, s.core === 'MOVED' ? 'MOVED' : 'VOIDED');
      return said === 'ASK_LATER' ? 'voided, and yet it never ends' : undefined;
    }
    case 'ASK_LATER':
      // Its people are called at `resolveBy`: the core may have forgotten what only its movements tell of.
      if (s.shownMoved) return undefined;
      return s.phase === 'IN_TIME' ? faultInTime(s, core, rules) : faultOfWaiting(s, core);
  }
}

/** While there is time, and nothing forbids it, what the core does not know is sent again, or voided where it was refused. */
function faultInTime(s: State, core: CoreProperties, rules: Rules): string | undefined {
  const maySend =
    s.world === 'FREE' && s.core === 'UNSEEN' && !s.refused && rules.maySend(core, 1) && s.sends < mostSends;
  if (maySend) return 'it could be sent, and never is';
  const mayVoid = s.world === 'MANDATE_ENDED' && s.core === 'UNSEEN' && core.canVoid;
  if (mayVoid) return 'its mandate has ended, and it is not voided';
  const wasRefused = s.refused && s.world === 'FREE' && s.core === 'UNSEEN' && core.canVoid;
  return wasRefused ? 'it was refused, and is not voided' : undefined;
}

/** Past its time it waits for a stop to end, or for `resolveBy`, and for nothing else. */
function faultOfWaiting(s: State, core: CoreProperties): string | undefined {
  if (s.phase !== 'EXPIRED' || s.world === 'STOPPED') return undefined;
  return core.canVoid
    ? 'past its time, and not voided'
    : 'past its time, and people do not have what only they can end';
}
