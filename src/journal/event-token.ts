import type { Sign, SignedToken, TokenRequest } from '../signing/signer.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import { eventTokenId } from '../values/ids.ts';
import type { EventPlace, EventRecord } from './events.sql.ts';
import { type EventMember, eventRules } from './events.ts';

/** "1/42": epoch and number. Every place, also the one before the first event, "0/0". */
export const placeText = ({ epoch, sequence }: EventPlace): string => `${epoch}/${sequence}`;

export function parsePlace(text: string): EventPlace | undefined {
  const [, epoch, sequence] = /^(0|[1-9]\d{0,8})\/(0|[1-9]\d{0,14})$/.exec(text) ?? [];
  return epoch === undefined || sequence === undefined
    ? undefined
    : { epoch: Number(epoch), sequence: Number(sequence) };
}

export const isBefore = (one: EventPlace, other: EventPlace): boolean =>
  one.epoch === other.epoch ? one.sequence < other.sequence : one.epoch < other.epoch;

/**
 * What an event says (schema EventClaims, but for what the signer adds). It is made of what never changes, so that it is
 * the same each time; only `attempt`, of a push, differs.
 */
export function eventToken(event: EventRecord, attempt?: number): TokenRequest {
  const rule = eventRules[event.kind];
  const shows = (member: EventMember): boolean => rule !== 'NOT_TOLD' && rule.shows.includes(member);
  const { mandate, debit, certificate } = event;
  return {
    type: 'event+jwt',
    jti: eventTokenId(event.creditor, event.epoch, event.sequence),
    audience: event.creditor,
    issuedAt: event.at,
    claims: {
      epoch: event.epoch,
      sequence: event.sequence,
      kind: event.kind,
      recordedAt: formatInstant(event.at),
      recordedOn: algiersDay(event.at),
      side: sides[event.side],
      ...(mandate && {
        mandateId: mandate.mandateId,
        ...(mandate.requestReference !== undefined && { requestReference: mandate.requestReference }),
      }),
      ...(debit && { endToEndId: debit.endToEndId, debitId: debit.debitId }),
      ...(shows('states') && event.from !== undefined && { from: event.from }),
      ...(shows('states') && event.to !== undefined && { to: event.to }),
      ...(shows('reason') && event.reason !== undefined && { reason: event.reason }),
      ...(shows('dueOn') && event.dueOn !== undefined && { dueOn: event.dueOn }),
      ...(shows('replacedBy') && event.replacedBy !== undefined && { replacedBy: event.replacedBy }),
      ...(shows('thumbprint') && event.thumbprint !== undefined && { thumbprint: event.thumbprint }),
      ...(shows('date') && event.date !== undefined && { date: event.date }),
      ...(shows('reconciliation') && event.reconciliation !== undefined && { reconciliation: event.reconciliation }),
      ...(shows('reversal') && event.reversalAttempt !== undefined && { reversalAttempt: event.reversalAttempt }),
      ...(shows('token') && event.tokenJti !== undefined && { tokenJti: event.tokenJti }),
      ...(shows('certificate') && certificate !== undefined && { certificate }),
      links: linksOf(event, shows('certificate') && certificate !== undefined),
      ...(attempt !== undefined && { attempt }),
    },
  };
}

/** Signs it anew each time: what is stored is what happened, not the token. */
export const signEvent = (sign: Sign, event: EventRecord, attempt?: number): Promise<SignedToken> =>
  sign(eventToken(event, attempt));

const sides = { creditor: 'CREDITOR', bank: 'BANK', gateway: 'GATEWAY' } as const;

function linksOf(
  { kind, mandate, debit, date, reconciliation }: EventRecord,
  hasCertificate: boolean,
): Record<string, string> {
  if (mandate !== undefined) {
    const self = `/v1/mandates/${mandate.mandateId}`;
    return { subject: self, ...(hasCertificate && { token: `${self}/certificate` }) };
  }
  if (date !== undefined) return { subject: `/v1/statements/${date}` };
  if (reconciliation !== undefined) return { subject: `/v1/reconciliations/${reconciliation.reference}` };
  if (debit === undefined) return {};
  const self = `/v1/debits/${debit.endToEndId}`;
  const settled = kind === 'debit.settled' || kind === 'debit.corrected';
  return {
    subject: self,
    ...(settled && { token: `${self}/confirmation` }),
    ...(kind === 'debit.reversed' && { token: `${self}/reversal` }),
  };
}
