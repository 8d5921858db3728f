import type { Answer, Handlers } from '../contract/handler.ts';
import { malformed, Problem, problem } from '../contract/problem.ts';
import { parseEndToEndId } from '../values/ids.ts';
import { jtiReused, noDebit, untilTomorrow } from './answers.ts';
import type { DebitRecord } from './lookup.sql.ts';
import { debitResource, reversalPathOf, reversalResource } from './representation.ts';
import type { ReversalRecord } from './reversal.ts';
import type { ReversalSteps } from './reversal-steps.ts';
import { answerReversal, type ReversalOutcome, type RunningReversals } from './reverse.ts';

export type ReversalRouteParts = {
  steps: ReversalSteps;
  running: RunningReversals;
  /** Days after the settlement in which a debit is given back: told where they have passed. */
  windowDays: number;
};

export function reversalRoutes({
  steps,
  running,
  windowDays,
}: ReversalRouteParts): Handlers<'reverseDebit' | 'getReversal'> {
  return {
    async reverseDebit({ client, path, body, request }) {
      const endToEndId = parseEndToEndId(path.endToEndId) ?? malformed('endToEndId', 'not an end-to-end id');
      const order = { creditor: client.creditorCode, endToEndId, ...body };
      const outcome = await answerReversal(steps, running, order, request);
      return answer(outcome, steps.now(), windowDays);
    },

    async getReversal({ client, path }) {
      const endToEndId = parseEndToEndId(path.endToEndId) ?? malformed('endToEndId', 'not an end-to-end id');
      const debit = (await steps.findDebit(client.creditorCode, endToEndId)) ?? noDebit();
      if (debit.reversal === undefined)
        throw new Problem('reversal-not-found', 'No reversal of this debit was ever asked for');
      return { status: 200, body: reversalResource(debit, debit.reversal, { tokens: true }) };
    },
  };
}

/** Every 2xx but 202 means given back, so that a client that looks at nothing else is right. */
function answer(outcome: ReversalOutcome, now: Date, windowDays: number): Answer {
  switch (outcome.outcome) {
    case 'REVERSAL':
      return reversalAnswer(outcome.debit, outcome.reversal, outcome.replayed);
    case 'OTHER_ATTEMPT': {
      const { debit } = outcome;
      const last = debit.reversal;
      const detail = last ? `The last attempt is ${last.attempt}, and it is ${last.state}` : 'The first attempt is 1';
      return problem('reversal-conflict', detail, {
        debit: debitResource(debit, { tokens: true }),
        ...(last && { reversal: reversalResource(debit, last, { tokens: true }) }),
      });
    }
    case 'NOT_SETTLED':
      return problem('debit-not-settled', `The debit is ${outcome.debit.state}`, {
        debit: debitResource(outcome.debit, { tokens: true }),
      });
    case 'WINDOW_PASSED':
      return problem('reversal-window-passed', `A debit is given back up to ${windowDays} days after its settlement`, {
        debit: debitResource(outcome.debit, { tokens: true }),
      });
    case 'CONTRADICTED':
      return problem(
        'reversal-contradicted',
        'The bank looks first into what its core banking system says of this debit: nothing was begun',
        {
          debit: debitResource(outcome.debit, { tokens: true }),
          ...(outcome.debit.reversal && {
            reversal: reversalResource(outcome.debit, outcome.debit.reversal, { tokens: true }),
          }),
        },
        { 'Retry-After': '3600' },
      );
    case 'DEBIT_NOT_FOUND':
      return noDebit();
    case 'JTI_REUSED':
      return jtiReused();
    case 'STOPPED':
      return problem('stopped', 'The bank has stopped debits, and reversals with them', {}, { 'Retry-After': '60' });
    case 'CORE_CLOSED': {
      const seconds = outcome.opensAt ? Math.ceil((outcome.opensAt.getTime() - now.getTime()) / 1000) : 3600;
      return problem(
        'unavailable',
        'The core banking system is closed: nothing was begun',
        {},
        {
          'Retry-After': String(Math.max(seconds, 1)),
        },
      );
    }
    case 'REVERSALS_A_DAY':
      return problem('reversal-limit', 'No more reversals today', {}, untilTomorrow(now));
    case 'AMOUNT_A_DAY':
      return problem('reversal-limit', 'Not so much money is given back in one day', {}, untilTomorrow(now));
  }
}

function reversalAnswer(debit: DebitRecord, reversal: ReversalRecord, replayed: boolean): Answer {
  const headers = { Location: reversalPathOf(debit), ...(replayed && { 'Idempotent-Replayed': 'true' }) };
  const body = reversalResource(debit, reversal, { tokens: true });
  switch (reversal.state) {
    case 'SETTLED':
      return { status: replayed ? 200 : 201, headers, body };
    case 'REQUESTED':
    case 'EXECUTING':
    case 'IN_DOUBT':
      return { status: 202, headers: { ...headers, 'Retry-After': '5' }, body };
    case 'REJECTED':
      return problem(
        'reversal-rejected',
        `Nothing was given back under attempt ${reversal.attempt}`,
        { reversal: body, ...(reversal.reason && { reasonCode: reversal.reason }) },
        headers,
      );
  }
}
