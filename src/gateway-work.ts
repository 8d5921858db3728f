import { expireProposals } from './approvals/look-up.ts';
import { sweepFigures } from './debits/figures.ts';
import { reversalWork } from './debits/resolve-reversal.ts';
import { readMissedMovements } from './debits/restore.ts';
import { debitWorks } from './debits/work.ts';
import type { GatewayCore } from './gateway-doors.ts';
import { type Dispatch, startDispatch } from './jobs/dispatch.ts';
import { forgetOver } from './jobs/failures.sql.ts';
import { type Sweep, startSweeps } from './jobs/sweep.ts';
import type { Work } from './jobs/work.ts';
import { expiryWork } from './mandates/expire.ts';
import { forgetImports } from './mandates/import.ts';
import { statementWork } from './statements/close.ts';
import { bookWork } from './statements/compare-books.ts';
import { reconciliationWork } from './statements/match.ts';
import { deliveryWork } from './webhooks/deliver.ts';

/** What happens later, by rows that have ids: each feature's own. A new one has its name in `workNames`, and is listed here. */
const worksOf = (
  { db, clock: { now }, sign, steps, running, reversals, coreBanking: { movements } }: GatewayCore,
  pushes: Work,
): readonly Work[] => [
  ...debitWorks(steps, running),
  reversalWork(reversals.steps, reversals.running),
  expiryWork({ db, now }),
  statementWork({ db, sign, now }),
  reconciliationWork({ db, sign, now }),
  bookWork({ db, now, movements }),
  pushes,
];

/**
 * Rounds that need no ids, since a row alone is never what fails: one statement over whatever has passed its time. `restores`
 * goes over days of the core's movements instead: a round that fails is begun again from the first.
 */
const roundsOf = ({ config, db, clock: { now }, steps, coreBanking: { movements } }: GatewayCore): readonly Sweep[] => [
  {
    name: 'restores',
    run: () => readMissedMovements({ db, steps, movements, settleSeconds: settleSecondsOf(config) }),
  },
  { name: 'proposals', run: () => expireProposals(db, now()) },
  { name: 'imports', run: () => forgetImports({ db, now }) },
  { name: 'figures', run: () => sweepFigures(db) },
  { name: 'failures', run: () => forgetOver(db) },
];

/**
 * After a restore a process of before sends as long as its lease holds, each call has its own time, and the core may execute
 * until the request expires.
 */
const settleSecondsOf = ({ leaseSeconds, coreCallSeconds, debitLifetimeSeconds }: GatewayCore['config']): number =>
  Math.max(leaseSeconds + coreCallSeconds, debitLifetimeSeconds);

/** How long Bull has for what it was given, before the sweep does it. */
const lateSeconds = 5;

/** Starts everything that happens later. Disposing waits for what is under way. */
export function startGatewayWork(core: GatewayCore): Dispatch {
  const { config, db, failed, metrics } = core;
  const { sweepSeconds: everySeconds, redisUrl } = config;
  const rounds = startSweeps(roundsOf(core), { everySeconds, onFault: (_name, fault) => failed('sweeping', fault) });
  const pushes = deliveryWork({
    ...{ db, sign: core.sign, push: core.push, observe: metrics.eventPushed },
    onFault: (fault) => failed('pushing', fault),
    onLateEnd: () => dispatch.look('webhooks'),
  });
  const dispatch = startDispatch(worksOf(core, pushes), {
    ...{ db, everySeconds, redisUrl, lateSeconds },
    onFault: (_work, fault) => failed('working', fault),
    onRoundFault: (work, fault) => failed(work === 'redis' ? 'redis' : 'sweeping', fault),
    onDone: metrics.workDone,
  });
  return {
    ...dispatch,
    async [Symbol.asyncDispose]() {
      await Promise.all([rounds[Symbol.asyncDispose](), dispatch[Symbol.asyncDispose]()]);
      await pushes[Symbol.asyncDispose]();
    },
  };
}
