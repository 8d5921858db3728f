import { expireProposals } from './approvals/look-up.ts';
import { sweepFigures } from './debits/figures.ts';
import { debitWorks } from './debits/work.ts';
import type { GatewayCore } from './gateway-doors.ts';
import { sweepOf } from './jobs/run-work.ts';
import { type Sweep, startSweeps } from './jobs/sweep.ts';
import type { Work } from './jobs/work.ts';
import { expiryWork } from './mandates/expire.ts';
import { forgetImports } from './mandates/import.ts';

/** What happens later, by rows that have ids: each feature's own. A new one is added here, and nowhere else. */
const worksOf = ({ db, clock: { now }, steps, running }: GatewayCore): readonly Work[] => [
  ...debitWorks(steps, running),
  expiryWork({ db, now }),
];

/** Rounds over whatever has passed its time: one statement that needs no ids, and can't fail for one row alone. */
const roundsOf = ({ db, clock: { now } }: GatewayCore): readonly Sweep[] => [
  { name: 'proposals', run: () => expireProposals(db, now()) },
  { name: 'imports', run: () => forgetImports({ db, now }) },
  { name: 'figures', run: () => sweepFigures(db) },
];

/** Starts everything that happens later. Disposing waits for what is under way. */
export function startGatewayWork(core: GatewayCore): AsyncDisposable {
  const { config, db, failed } = core;
  const works = worksOf(core).map((work) => sweepOf(work, { db, onFault: (_name, fault) => failed('working', fault) }));
  return startSweeps([...works, ...roundsOf(core)], {
    everySeconds: config.sweepSeconds,
    onFault: (_name, fault) => failed('sweeping', fault),
  });
}
