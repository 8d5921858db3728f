import { inTransaction } from '../database/pool.ts';
import { algiersDay } from '../values/dates.ts';
import { type MandateId, newMandateId } from '../values/ids.ts';
import { contentHashOf, readAuthorisationRequest, type TypedRequest } from './authorisation-request.ts';
import { insertDebtor } from './debtors.sql.ts';
import type { Desk, StaffMember } from './desk.ts';
import { insertDraft } from './drafts.sql.ts';
import { placeInChain } from './replacement.ts';
import type { RequestFault } from './request-faults.ts';

export type EnterOutcome =
  | { outcome: 'ENTERED'; mandateId: MandateId; contentHash: string }
  | { outcome: 'FAULTS'; faults: readonly RequestFault[] };

/** Enters an authorisation request as a draft. It may name the mandate that it is to replace. */
export async function enterMandate(
  desk: Pick<Desk, 'pool' | 'now' | 'bankCodes' | 'issuer'>,
  { typed, by, from, agencies }: StaffMember & { typed: TypedRequest },
): Promise<EnterOutcome> {
  const at = desk.now();
  const today = algiersDay(at);
  const read = readAuthorisationRequest(typed, { ...desk, today, agencies, asksWhy: true });
  if ('faults' in read) return { outcome: 'FAULTS', faults: read.faults };
  const { request } = read;
  const mandateId = newMandateId(at);
  return inTransaction(desk.pool, async (db) => {
    const place = await placeInChain(db, mandateId, request, { today, agencies });
    if ('faults' in place) return { outcome: 'FAULTS', faults: place.faults };
    const contentHash = contentHashOf(mandateId, request, undefined);
    await insertDraft(db, { mandateId, chainId: place.chainId, request, contentHash, by, from, at });
    await insertDebtor(db, mandateId, request.debtor);
    return { outcome: 'ENTERED', mandateId, contentHash };
  });
}

/** What entering it would be refused for; nothing is stored. */
export async function checkRequest(
  desk: Pick<Desk, 'pool' | 'now' | 'bankCodes' | 'issuer'>,
  { typed, agencies, asksWhy }: Pick<StaffMember, 'agencies'> & { typed: TypedRequest; asksWhy: boolean },
): Promise<readonly RequestFault[]> {
  const at = desk.now();
  const today = algiersDay(at);
  const read = readAuthorisationRequest(typed, { ...desk, today, agencies, asksWhy });
  if ('faults' in read) return read.faults;
  const place = await placeInChain(desk.pool, newMandateId(at), read.request, { today, agencies });
  return 'faults' in place ? place.faults : [];
}
