import type { ReadCalendar } from './calendar/open-calendar.ts';
import type { Config } from './config.ts';
import type { CoreBanking } from './core-banking/port.ts';
import type { Clock } from './database/clock.ts';
import type { Queryable } from './database/queryable.ts';
import { hearing } from './debits/hear.ts';
import { type ReversalSteps, reversalSteps } from './debits/reversal-steps.ts';
import { type DebitSteps, debitSteps } from './debits/steps.ts';
import type { Metrics } from './operations/metrics.ts';
import type { Sign } from './signing/signer.ts';

export type StepWraps = {
  /** For tests: cuts a debit's way at a step. */
  wrapSteps?: (steps: DebitSteps) => DebitSteps;
  /** The same of a reversal's. */
  wrapReversalSteps?: (steps: ReversalSteps) => ReversalSteps;
};

export type StepParts = {
  config: Config;
  db: Queryable;
  coreBanking: CoreBanking;
  sign: Sign;
  clock: Clock;
  calendar: ReadCalendar;
  metrics: Metrics;
  onFault: (fault: unknown) => void;
};

/** What debits and reversals are carried by, with the limits and times that the settings name. */
export function openGatewaySteps(
  { config, metrics, onFault, ...opened }: StepParts,
  wraps: StepWraps,
): { steps: DebitSteps; reversing: ReversalSteps } {
  const times = {
    lifetimeSeconds: config.debitLifetimeSeconds,
    resolveWithinSeconds: config.resolveWithinSeconds,
    answerSeconds: config.answerSeconds,
    leaseSeconds: config.leaseSeconds,
  };
  const production = debitSteps({
    ...opened,
    times,
    debitMaximum: config.debitMaximum,
    fundsRefusalsADay: config.fundsRefusalsADay,
    debitsADay: config.debitsADay,
    insufficientFundsShownAs: config.insufficientFundsShownAs,
    blockedAccountShownAs: config.blockedAccountShownAs,
    observe: {
      ended: metrics.debitEnded,
      took: metrics.debitTook,
      set: metrics.setRun,
      fault: (_during, fault) => onFault(fault),
    },
  });
  const steps = hearing(opened.db, wraps.wrapSteps?.(production) ?? production);
  const reversing = reversalSteps({
    ...opened,
    times,
    limits: {
      windowDays: config.reversalWindowDays,
      reversalsADay: config.reversalsADay,
      amountADay: config.reversalAmountADay,
    },
    blockedAccountShownAs: config.blockedAccountShownAs,
    observe: { ended: metrics.reversalEnded, fault: (_during, fault) => onFault(fault) },
  });
  return { steps, reversing: wraps.wrapReversalSteps?.(reversing) ?? reversing };
}
