import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { type StaffMember, seesMandate } from './desk.ts';
import { selectCreditorKnown } from './drafts.sql.ts';
import { type AuthorisationRequest, isReplaceable, type Mandate, stateOn } from './mandate.ts';
import { selectMandate } from './mandates.sql.ts';
import { type FaultValues, type RequestFault, type RequestFaultCode, requestFault } from './request-faults.ts';

/** The chain that a request's mandate belongs to, or what its creditor and the mandate that it replaces have against it. */
export async function placeInChain(
  db: Queryable,
  mandateId: MandateId,
  request: AuthorisationRequest,
  { today, agencies }: { today: Day; agencies: StaffMember['agencies'] },
): Promise<{ chainId: MandateId } | { faults: readonly RequestFault[] }> {
  if (!(await selectCreditorKnown(db, request.creditor)))
    return { faults: [requestFault('creditor', 'creditor-unknown')] };
  if (request.replaces === undefined) return { chainId: mandateId };
  const replaced = await selectMandate(db, request.replaces);
  if (replaced === undefined || replaced.mandateId === mandateId)
    return { faults: [requestFault('replaces', 'replaces-unknown')] };
  if (!(await seesMandate(db, agencies, replaced.mandateId)))
    return { faults: [requestFault('replaces', 'replaces-unknown')] };
  const why = cannotReplace(replaced, request, today);
  return why === undefined
    ? { chainId: replaced.chainId }
    : { faults: [requestFault('replaces', why.code, why.values)] };
}

/** Why a request can't replace that mandate; undefined where it can. */
export function cannotReplace(
  replaced: Mandate,
  { creditor, employerNumber }: Pick<AuthorisationRequest, 'creditor' | 'employerNumber'>,
  today: Day,
): { code: RequestFaultCode; values: FaultValues } | undefined {
  if (replaced.creditor !== creditor) return { code: 'replaces-other-creditor', values: {} };
  if (replaced.employerNumber !== employerNumber) return { code: 'replaces-other-employer', values: {} };
  const state = stateOn(replaced, today);
  return isReplaceable(state) ? undefined : { code: 'replaces-ended', values: { state } };
}

/**
 * Those that end when `mandate` is accepted: the one that it replaces, and what that one would have replaced itself.
 * Undefined where it can't take over: one of them has ended otherwise, or another already runs in the chain.
 */
export function replacedBy(mandate: Mandate, chain: readonly Mandate[], today: Day): Mandate[] | undefined {
  const ending: Mandate[] = [];
  let replaced = mandate.replaces;
  while (replaced !== undefined) {
    const old = chain.find(({ mandateId }) => mandateId === replaced);
    if (old === undefined) return undefined;
    const state = stateOn(old, today);
    if (isReplaceable(state)) ending.push(old);
    else if (state !== 'REPLACED' || replaced === mandate.replaces) return undefined;
    replaced = old.replaces;
  }
  const runs = ({ state }: Mandate) => state === 'ACTIVE' || state === 'SUSPENDED';
  const others = chain.filter((other) => runs(other) && other.mandateId !== mandate.mandateId);
  return others.every((other) => ending.includes(other)) ? ending : undefined;
}
