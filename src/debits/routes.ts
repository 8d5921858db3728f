import type { Cursors } from '../contract/cursor.ts';
import type { components } from '../contract/generated.ts';
import type { Answer, Call, Handlers } from '../contract/handler.ts';
import { malformed, optional, Problem, problem } from '../contract/problem.ts';
import { parseAmount } from '../values/centimes.ts';
import { addDays, parseDay, parseInstant, startOfAlgiersDay } from '../values/dates.ts';
import {
  type CreditorCode,
  parseDebitId,
  parseDeclarationReference,
  parseEmployerNumber,
  parseEndToEndId,
  parseMandateId,
} from '../values/ids.ts';
import { jtiReused, noDebit, untilTomorrow } from './answers.ts';
import { cancel } from './cancel.ts';
import type { DebitOrder } from './debit.ts';
import { declarationAnswer } from './declaration.ts';
import { answerDebit, type Running } from './execute.ts';
import type { DebitFilter, DebitRecord } from './lookup.sql.ts';
import type { DebitOutcome } from './outcome.ts';
import { debitResource, liveDebit, pathOf } from './representation.ts';
import type { DebitSteps } from './steps.ts';

export type DebitRouteParts = {
  steps: DebitSteps;
  running: Running;
  cursors: Cursors;
  /** The PDF receipt of a settled debit. */
  renderReceipt: (debit: DebitRecord) => Promise<Uint8Array>;
  /** Seconds until one more name may be burnt; undefined where one may now. */
  burnAllowance: (creditor: CreditorCode) => Promise<number | undefined>;
};

type DebitOperation =
  | 'putDebit'
  | 'getDebit'
  | 'listDebits'
  | 'getDebitConfirmation'
  | 'cancelDebit'
  | 'getDeclaration';

export function debitRoutes({
  steps,
  running,
  cursors,
  renderReceipt,
  burnAllowance,
}: DebitRouteParts): Handlers<DebitOperation> {
  const found = async (client: Call<'getDebit'>['client'], endToEndId: string): Promise<DebitRecord> => {
    const name = parseEndToEndId(endToEndId) ?? malformed('endToEndId', 'not an end-to-end id');
    return (await steps.find(client.creditorCode, name)) ?? noDebit();
  };
  return {
    async putDebit({ client, path, body, request }) {
      const order = orderOf(client.creditorCode, path.endToEndId, body);
      return answer(steps, await answerDebit(steps, running, order, request));
    },

    async getDebit({ client, path }) {
      return { status: 200, body: debitResource(await found(client, path.endToEndId), { tokens: true }) };
    },

    async getDebitConfirmation({ client, path, accepts }) {
      const debit = await found(client, path.endToEndId);
      if (debit.confirmation === undefined) {
        throw new Problem(
          'confirmation-not-found',
          `The debit is ${debit.state}: only a settled one has a confirmation`,
          { debit: debitResource(debit, { tokens: true }) },
        );
      }
      return accepts === 'application/pdf'
        ? { status: 200, contentType: accepts, body: await renderReceipt(debit) }
        : { status: 200, contentType: 'application/jose', body: debit.confirmation };
    },

    async listDebits({ client, query }) {
      const filter = filterOf(cursors, client.creditorCode, query);
      // One more than asked for tells whether there is another page.
      const debits = await steps.list({ ...filter, limit: filter.limit + 1 });
      const page = debits.slice(0, filter.limit);
      const last = page.at(-1);
      return {
        status: 200,
        body: {
          debits: page.map((debit) => debitResource(debit, { tokens: false })),
          ...(debits.length > page.length &&
            last && { nextCursor: cursors.seal(client.creditorCode, 'debits', last.debitId) }),
        },
      };
    },

    async cancelDebit({ client, path, request }) {
      const endToEndId = parseEndToEndId(path.endToEndId) ?? malformed('endToEndId', 'not an end-to-end id');
      if ((await steps.find(client.creditorCode, endToEndId)) === undefined) {
        const wait = await burnAllowance(client.creditorCode);
        if (wait !== undefined) {
          throw new Problem('too-many-requests', 'Too many names burnt', {}, { 'Retry-After': String(wait) });
        }
      }
      const cancelled = await cancel(steps, client.creditorCode, endToEndId, request);
      switch (cancelled.verdict) {
        case 'CANCELLED':
        case 'BURNT':
          return {
            status: 201,
            headers: located(cancelled.debit),
            body: debitResource(cancelled.debit, { tokens: true }),
          };
        case 'ALREADY':
          return {
            status: 200,
            headers: { ...located(cancelled.debit), 'Idempotent-Replayed': 'true' },
            body: debitResource(cancelled.debit, { tokens: true }),
          };
        case 'TOO_LATE':
          return problem('too-late-to-cancel', `The debit is ${cancelled.debit.state}`, {
            debit: debitResource(cancelled.debit, { tokens: true }),
          });
        case 'UNREAD':
          return problem('stopped', 'The bank does not know yet what has moved', {}, { 'Retry-After': '60' });
        case 'UNCLAIMED':
          return problem('too-late-to-cancel', 'Money has moved under this name: ask for the debit again');
        case 'JTI_REUSED':
          return jtiReused();
      }
    },

    async getDeclaration({ client, path, query }) {
      const reference = parseDeclarationReference(path.reference) ?? malformed('reference', 'not a reference');
      const employerNumber = parseEmployerNumber(query.employerNumber) ?? malformed('employerNumber', 'ten digits');
      const declaration = await steps.declaration({
        creditor: client.creditorCode,
        employerNumber,
        declaration: reference,
      });
      if (declaration === undefined) throw new Problem('declaration-not-found', 'No debit was ever asked for it');
      return { status: 200, body: await declarationAnswer(steps.sign, client.creditorCode, declaration, steps.now()) };
    },
  };
}

function orderOf(creditor: CreditorCode, endToEndId: string, body: components['schemas']['DebitRequest']): DebitOrder {
  const { declaration, executionDate, expiresAt, whenClosed, retryOf } = body;
  return {
    creditor,
    endToEndId: parseEndToEndId(endToEndId) ?? malformed('endToEndId', 'not an end-to-end id'),
    mandateId: parseMandateId(body.mandateId) ?? malformed('/mandateId', 'not a mandate id'),
    employerNumber: parseEmployerNumber(body.employerNumber) ?? malformed('/employerNumber', 'ten digits'),
    amount: parseAmount(body.amount) ?? malformed('/amount', 'not an amount'),
    declaration:
      parseDeclarationReference(declaration.reference) ?? malformed('/declaration/reference', 'not a reference'),
    declared: parseAmount(declaration.declaredAmount) ?? malformed('/declaration/declaredAmount', 'not an amount'),
    periodLabel: declaration.periodLabel,
    dueDate: optional(declaration.dueDate, parseDay, '/declaration/dueDate', 'not a day'),
    executionDate: optional(executionDate, parseDay, '/executionDate', 'not a day'),
    expiresAt: optional(expiresAt, parseInstant, '/expiresAt', 'not an instant with its offset'),
    whenClosed: whenClosed === 'reject' ? 'REJECT' : 'WAIT',
    retryOf: optional(retryOf, parseEndToEndId, '/retryOf', 'not an end-to-end id'),
  };
}

function filterOf(cursors: Cursors, creditor: CreditorCode, query: Call<'listDebits'>['query']): DebitFilter {
  const day = optional(query.receivedOn, parseDay, 'receivedOn', 'not a day');
  const openCursor = (cursor: string) => {
    const last = cursors.open(creditor, 'debits', cursor);
    return last === undefined ? undefined : parseDebitId(last);
  };
  return {
    creditor,
    declaration: optional(query.declaration, parseDeclarationReference, 'declaration', 'not a reference'),
    employerNumber: optional(query.employerNumber, parseEmployerNumber, 'employerNumber', 'ten digits'),
    mandateId: optional(query.mandateId, parseMandateId, 'mandateId', 'not a mandate id'),
    receivedFrom: day && startOfAlgiersDay(day),
    receivedBefore: day && startOfAlgiersDay(addDays(day, 1)),
    state: query.state,
    after: optional(query.cursor, openCursor, 'cursor', 'not a cursor of this list'),
    limit: query.limit ?? 50,
  };
}

/** Every 2xx but 202 means paid, so that a client that looks at nothing else is right. */
function answer(steps: DebitSteps, outcome: DebitOutcome): Answer {
  switch (outcome.outcome) {
    case 'DEBIT':
      return debitAnswer(outcome.debit, outcome.replayed);
    case 'NAME_TAKEN':
      return problem('debit-conflict', `Another debit was asked for as ${outcome.endToEndId}`, { reasonCode: 'DU04' });
    case 'DECLARATION_PAID':
      return problem('declaration-paid', 'The declaration is paid or being paid', {
        reasonCode: 'AM05',
        live: outcome.live.flatMap(liveDebit),
      });
    case 'OVER_DECLARED':
      return problem('declaration-paid', 'The declaration would be paid beyond its declared amount', {
        reasonCode: 'AM09',
        live: outcome.live.flatMap(liveDebit),
      });
    case 'DECLARED_DIFFERS':
      return problem('declared-amount-differs', 'A live debit names another declared amount', {
        live: outcome.live.flatMap(liveDebit),
      });
    case 'MANDATE_NOT_FOUND':
      return problem('mandate-not-found', 'No such mandate');
    case 'STOPPED':
      return problem('stopped', 'The bank has stopped debits', {}, { 'Retry-After': '60' });
    case 'OTHER_EMPLOYER':
      return problem('employer-number-differs', 'The mandate is another employer’s');
    case 'FUNDS_REFUSALS':
      // Where the reason is hidden, what follows from it is told as any other limit.
      return steps.shown('AM04') === 'AM04'
        ? problem('funds-refusals', 'Refused for funds too often today', {}, untilTomorrow(steps.now()))
        : problem('too-many-requests', 'The mandate has had its debits for today', {}, untilTomorrow(steps.now()));
    case 'DATE_OUT_OF_RANGE':
      return malformed('/executionDate', 'from today to 60 days ahead');
    case 'EXPIRY_OUT_OF_RANGE':
      return malformed('/expiresAt', 'within a day of its receipt, or of the execution date');
    case 'OTHERS_UNDER_WAY':
      return problem('too-many-requests', 'Other debits of the mandate are under way', {}, { 'Retry-After': '5' });
    case 'DEBITS_A_DAY':
      return problem('too-many-requests', 'The mandate has had its debits for today', {}, untilTomorrow(steps.now()));
    case 'JTI_REUSED':
      return jtiReused();
  }
}

function debitAnswer(debit: DebitRecord, replayed: boolean): Answer {
  const headers = { ...located(debit), ...(replayed && { 'Idempotent-Replayed': 'true' }) };
  const body = debitResource(debit, { tokens: true });
  switch (debit.state) {
    case 'SETTLED':
      return { status: replayed ? 200 : 201, headers, body };
    case 'SCHEDULED':
    case 'ACCEPTED':
    case 'EXECUTING':
    case 'IN_DOUBT':
      return { status: 202, headers: { ...headers, 'Retry-After': '5' }, body };
    case 'REJECTED':
      return problem(
        'debit-rejected',
        'Nothing was debited',
        {
          debit: body,
          ...(debit.reason && { reasonCode: debit.reason }),
          ...(debit.rejection && { rejection: debit.rejection }),
        },
        headers,
      );
    case 'CANCELLED':
    case 'REVERSED':
      return problem('debit-ended', `The debit is ${debit.state}: a new one needs a name of its own`, { debit: body });
  }
}

const located = (debit: DebitRecord) => ({ Location: pathOf(debit) });
