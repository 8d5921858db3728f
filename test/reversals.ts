import type { ReversalReason } from '../src/debits/reversal.ts';
import { type ReversalParts, type ReversalSteps, reversalSteps } from '../src/debits/reversal-steps.ts';
import { type ReversalOutcome, type RunningReversals, reverseDebit } from '../src/debits/reverse.ts';
import type { CreditorCode } from '../src/values/ids.ts';
import { parseEndToEndId } from '../src/values/ids.ts';
import { amountOf, cnas, must, requestFor, type TestBankWithGateway, testSign } from './bank.ts';

export type ReversalFixture = {
  creditor: CreditorCode;
  endToEndId: string;
  attempt: number;
  reason: ReversalReason;
  jti: string;
};

/** The reversals of a test bank: one replica's steps, and others as the test wants them. */
export type Reversing = {
  steps: ReversalSteps;
  running: RunningReversals;
  stepsWith: (parts: Partial<ReversalParts>) => ReversalSteps;
  reverse: (fixture: Partial<ReversalFixture>, steps?: ReversalSteps) => Promise<ReversalOutcome>;
  /** As if each lease were over: recovery may take everything up. */
  leasesEnd: () => Promise<unknown>;
};

export function reversing(bank: TestBankWithGateway): Reversing {
  const parts: ReversalParts = {
    db: bank.db.gateway,
    coreBanking: bank.core,
    sign: testSign,
    clock: bank.clock,
    calendar: bank.steps.calendar,
    times: { lifetimeSeconds: 60, resolveWithinSeconds: 900, answerSeconds: 8, leaseSeconds: 15 },
    limits: { windowDays: 30, reversalsADay: 1_000, amountADay: amountOf('1000000000.00') },
    blockedAccountShownAs: 'AC06',
    observe: { ended: () => undefined, fault: (_during, fault) => console.error(fault) },
  };
  const steps = reversalSteps(parts);
  const running: RunningReversals = new Map();
  return {
    steps,
    running,
    stepsWith: (others) => reversalSteps({ ...parts, ...others }),
    async reverse(fixture, withSteps = steps) {
      const { creditor = cnas, attempt = 1, reason = 'declaration-corrected' } = fixture;
      const endToEndId = must(parseEndToEndId(fixture.endToEndId ?? 'R'));
      const request = requestFor({ creditor, endToEndId }, bank.clock.now(), {
        body: JSON.stringify({ attempt, reason }),
        ...(fixture.jti !== undefined && { jti: fixture.jti }),
      });
      const target = `${request.target}/reversal`;
      return reverseDebit(withSteps, running, { creditor, endToEndId, attempt, reason }, { ...request, target });
    },
    leasesEnd: () => bank.db.owner.query("update reversals set lease_until = clock_timestamp() - interval '1 second'"),
  };
}

/** The attempt's state, or why none was taken in. */
export const reversalStateOf = (outcome: ReversalOutcome) =>
  outcome.outcome === 'REVERSAL' ? outcome.reversal.state : outcome.outcome;
