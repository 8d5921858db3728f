import type pg from 'pg';
import type { SignedRequest } from '../clients/client.ts';
import { keepRequest } from '../clients/keep-request.ts';
import { inTransaction } from '../database/pool.ts';
import { algiersDay } from '../values/dates.ts';
import { type MandateId, newMandateId } from '../values/ids.ts';
import { contentHashOf, readAuthorisationRequest, type TypedRequest } from './authorisation-request.ts';
import type { Desk } from './desk.ts';
import { lookUpMandate } from './look-up.ts';
import type { Mandate } from './mandate.ts';
import { selectMandate } from './mandates.sql.ts';
import { placeInChain } from './replacement.ts';
import { type RequestFault, requestFault } from './request-faults.ts';
import { insertCreditorDraft, selectOpened } from './sources.sql.ts';

/** `replayed`: the same was asked before. CONFLICT: the name is that of another request. */
export type OpenOutcome =
  | { outcome: 'OPENED'; mandate: Mandate; replayed: boolean }
  | { outcome: 'FAULTS'; faults: readonly RequestFault[] }
  | { outcome: 'CONFLICT' | 'JTI_REUSED' };

export type Opening = { reference: string; asked: TypedRequest; request: SignedRequest };

/**
 * Opens a mandate as a draft on the creditor's word, for the bank to certify. The name is looked up first: what was
 * asked once is answered with what has become of it, also when it could not be asked today any more.
 */
export async function openRequest(
  desk: Pick<Desk, 'pool' | 'now' | 'bankCodes' | 'issuer'>,
  opening: Opening,
): Promise<OpenOutcome> {
  const { reference, request: signed } = opening;
  const named = { creditor: signed.creditorCode, reference, asked: withoutNothing(opening.asked) };
  try {
    return await inTransaction(desk.pool, async (db) => {
      const known = await selectOpened(db, named);
      if (known !== undefined) return again(db, known, signed);
      const at = desk.now();
      const today = algiersDay(at);
      const read = readAuthorisationRequest(opening.asked, { ...desk, today });
      if ('faults' in read) return { outcome: 'FAULTS', faults: read.faults };
      const { request } = read;
      if (request.replaces !== undefined && !(await lookUpMandate(db, signed.creditorCode, request.replaces)))
        return { outcome: 'FAULTS', faults: [requestFault('replaces', 'replaces-unknown')] };
      const mandateId = newMandateId(at);
      const place = await placeInChain(db, mandateId, request, { today, agencies: 'ALL' });
      if ('faults' in place) return { outcome: 'FAULTS', faults: place.faults };
      const contentHash = contentHashOf(mandateId, request, undefined);
      const draft = {
        mandateId,
        chainId: place.chainId,
        reference,
        request,
        asked: named.asked,
        contentHash,
        signed,
        at,
      };
      if (!(await insertCreditorDraft(db, draft))) {
        // Another request with this name was faster by a moment.
        const theirs = await selectOpened(db, named);
        if (theirs === undefined) throw new Error('a name that is taken is nobody’s');
        return again(db, theirs, signed);
      }
      // After the draft, since it names it: where the jti turns out to be used, nothing of this stays.
      if ((await keepRequest(db, signed, mandateId)) === 'REUSED') throw new JtiReused();
      return opened(db, mandateId, false);
    });
  } catch (error) {
    if (error instanceof JtiReused) return { outcome: 'JTI_REUSED' };
    throw error;
  }
}

async function again(
  db: pg.PoolClient,
  { mandateId, same }: { mandateId: MandateId; same: boolean },
  signed: SignedRequest,
): Promise<OpenOutcome> {
  if ((await keepRequest(db, signed, mandateId)) === 'REUSED') return { outcome: 'JTI_REUSED' };
  return same ? opened(db, mandateId, true) : { outcome: 'CONFLICT' };
}

async function opened(db: pg.PoolClient, mandateId: MandateId, replayed: boolean): Promise<OpenOutcome> {
  const mandate = await selectMandate(db, mandateId);
  if (mandate === undefined) throw new Error('a mandate that was opened is gone');
  return { outcome: 'OPENED', mandate, replayed };
}

const withoutNothing = (typed: TypedRequest): TypedRequest =>
  Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));

/** Only to leave the transaction, so that it is rolled back. */
class JtiReused extends Error {}
