import { algiersDay } from '../values/dates.ts';
import { contentHashOf, readAuthorisationRequest, type TypedRequest, typedFrom } from './authorisation-request.ts';
import { selectDebtor, updateDebtor } from './debtors.sql.ts';
import { type ActOutcome, actOn, type Desk, requestOf, type StaffAct } from './desk.ts';
import { updateDraft } from './drafts.sql.ts';
import { selectMandate } from './mandates.sql.ts';
import { placeInChain } from './replacement.ts';
import type { RequestFault } from './request-faults.ts';

export type ChangeOutcome =
  | Exclude<ActOutcome, { outcome: 'SAME_PERSON' }>
  | { outcome: 'FAULTS'; faults: readonly RequestFault[] }
  | { outcome: 'OTHER_CONTENT' };

/**
 * Corrects a draft: what is typed replaces what stands, an empty text takes an optional field away. With `seenHash` only
 * what was seen is replaced, so that nobody undoes what another has typed meanwhile.
 */
export async function changeDraft(
  desk: Pick<Desk, 'pool' | 'now' | 'bankCodes' | 'issuer'>,
  { mandateId, agencies, typed, by, from, seenHash }: StaffAct & { typed: TypedRequest; seenHash?: string | undefined },
): Promise<ChangeOutcome> {
  return actOn<ChangeOutcome>(desk, { mandateId, agencies }, async ({ db, mandate, state, at }) => {
    const today = algiersDay(at);
    if (state !== 'DRAFT') return { outcome: 'WRONG_STATE', state };
    if (seenHash !== undefined && seenHash !== mandate.contentHash) return { outcome: 'OTHER_CONTENT' };
    const before = typedFrom(requestOf(mandate, await selectDebtor(db, mandateId)));
    const read = readAuthorisationRequest(
      { ...before, ...typed },
      { ...desk, today, agencies, asksWhy: mandate.origin === 'BANK' },
    );
    if ('faults' in read) return { outcome: 'FAULTS', faults: read.faults };
    const { request } = read;
    const place = await placeInChain(db, mandateId, request, { today, agencies });
    if ('faults' in place) return { outcome: 'FAULTS', faults: place.faults };
    const contentHash = contentHashOf(mandateId, request, mandate.scanDigest);
    await updateDraft(db, { mandateId, chainId: place.chainId, request, contentHash, by, from, at });
    await updateDebtor(db, mandateId, request.debtor);
    const changed = await selectMandate(db, mandateId);
    return changed === undefined ? { outcome: 'NOT_FOUND' } : { outcome: 'DONE', mandate: changed };
  });
}
