import type { components } from '../contract/generated.ts';
import type { Answer } from '../contract/handler.ts';
import { malformedBy, problem } from '../contract/problem.ts';
import { qrCode } from '../documents/qr.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { RequestField, TypedRequest } from './authorisation-request.ts';
import { type Mandate, stateOn } from './mandate.ts';
import type { OpenOutcome } from './open-request.ts';
import { pathOf } from './representation.ts';

/** What the body asks for, in the form in which staff would type it. */
export const askedIn = (
  creditor: CreditorCode,
  { ceilings, ...asked }: components['schemas']['AuthorisationRequest'],
): TypedRequest => ({
  ...asked,
  creditor,
  perDebitCeiling: ceilings.perDebit,
  periodCeiling: ceilings.perPeriod,
  period: ceilings.period,
});

export function openedAnswer(outcome: OpenOutcome, reference: string, today: Day): Answer {
  switch (outcome.outcome) {
    case 'OPENED':
      return {
        status: outcome.replayed ? 200 : 201,
        headers: outcome.replayed ? { 'Idempotent-Replayed': 'true' } : {},
        body: openedRequest(outcome.mandate, reference, today),
      };
    case 'FAULTS':
      throw malformedBy(outcome.faults.map(({ field, message }) => ({ pointer: pointers[field], message })));
    case 'CONFLICT':
      return problem('authorisation-request-conflict', 'Another content was sent under this reference before');
    case 'JTI_REUSED':
      return problem('jti-reused', 'The jti of this signature was seen with another name or body');
  }
}

function openedRequest(mandate: Mandate, reference: string, today: Day): components['schemas']['OpenedRequest'] {
  const text = qrTextOf(mandate.creditor, reference);
  return {
    requestReference: reference,
    mandateId: mandate.mandateId,
    state: stateOn(mandate, today),
    qr: { text, svg: qrCode(text)?.svg ?? '' },
    links: { mandate: pathOf(mandate.mandateId) },
  };
}

/** What the paper form carries: whose request, and which. */
const qrTextOf = (creditor: CreditorCode, reference: string): string => `${creditor}:${reference}`;

const pointers: Readonly<Record<RequestField, string>> = {
  creditor: '/creditor',
  employerNumber: '/employerNumber',
  rib: '/rib',
  nameFr: '/nameFr',
  nameAr: '/nameAr',
  representativeFr: '/representativeFr',
  representativeAr: '/representativeAr',
  phone: '/phone',
  perDebitCeiling: '/ceilings/perDebit',
  periodCeiling: '/ceilings/perPeriod',
  period: '/ceilings/period',
  validFrom: '/validFrom',
  validTo: '/validTo',
  replaces: '/replaces',
  // The contract has neither: a creditor that asks for a replacement needs no reason of the bank's.
  replaceReason: '/replaces',
  replaceRemark: '/replaces',
  handOver: '/handOver',
};
