import { randomInt } from 'node:crypto';
import { isUniqueViolation } from '../database/faults.ts';
import { inTransaction } from '../database/pool.ts';
import { algiersDay } from '../values/dates.ts';
import { contentHashOf } from './authorisation-request.ts';
import { certificateClaims, certificateIdOf, type StatusPlace, statusListSize } from './certificate.ts';
import { selectStatusList, storeCertification } from './certification.sql.ts';
import { selectDebtor } from './debtors.sql.ts';
import { type ActOutcome, type Desk, requestOf, type StaffAct, seesMandate } from './desk.ts';
import { insertRemark } from './drafts.sql.ts';
import { type Debtor, type Mandate, stateOn } from './mandate.ts';
import { lockMandate, selectMandate } from './mandates.sql.ts';
import { sameHolder } from './names.ts';
import { cannotReplace } from './replacement.ts';
import { type RequestFault, requestFault } from './request-faults.ts';

export type Certifying = StaffAct & {
  /** The content hash of what the supervisor has looked at. */
  seenHash: string;
  /** Why the supervisor takes a holder's name that differs. */
  nameDifference?: string | undefined;
  /** The supervisor says to have had the signed form itself: told in the journal where no scan of it is attached. */
  isPaperSeen?: boolean;
};

/**
 * OTHER_CONTENT: not what the supervisor saw. TOO_LATE: submitted too long ago, or past its last day. UNREACHABLE: the
 * core banking system did not say; try later. HOLDER_DIFFERS: the supervisor must say why it is the same.
 */
export type CertifyOutcome =
  | ActOutcome
  | { outcome: 'OTHER_CONTENT' | 'SUBMITTED_TOO_LONG_AGO' | 'PAST_ITS_LAST_DAY' }
  | { outcome: 'REPLACES_NOTHING'; fault: RequestFault }
  | { outcome: 'ACCOUNT_UNKNOWN' | 'ACCOUNT_BLOCKED' | 'ACCOUNT_CLOSED' | 'UNREACHABLE' }
  | { outcome: 'HOLDER_DIFFERS'; holder: string };

/**
 * A supervisor certifies what others have entered: the account is looked up, its holder compared, the certificate
 * signed, and all of it stored at once. Everything is looked at again under the lock, since the core banking system and
 * the signature take their time.
 */
export async function certifyMandate(desk: Desk, act: Certifying): Promise<CertifyOutcome> {
  const mandate = await selectMandate(desk.pool, act.mandateId);
  if (mandate === undefined) return { outcome: 'NOT_FOUND' };
  if (!(await seesMandate(desk.pool, act.agencies, act.mandateId))) return { outcome: 'NOT_FOUND' };
  const debtor = await selectDebtor(desk.pool, act.mandateId);
  const refusal = refusalOf(desk, act, mandate, debtor) ?? (await replacementRefusal(desk, mandate));
  if (refusal !== undefined) return refusal;
  const account = await desk.coreBanking.lookUpAccount(debtor.rib);
  switch (account.outcome) {
    case 'UNREACHABLE':
      return { outcome: 'UNREACHABLE' };
    case 'UNKNOWN':
      return { outcome: 'ACCOUNT_UNKNOWN' };
    case 'FOUND':
      if (account.status !== 'OPEN') return { outcome: `ACCOUNT_${account.status}` };
  }
  const differs = !sameHolder(account.holder, debtor);
  if (differs && act.nameDifference === undefined) return { outcome: 'HOLDER_DIFFERS', holder: account.holder };
  return issue({ desk, act, mandate, debtor, nameDifference: differs ? act.nameDifference : undefined });
}

function refusalOf(desk: Desk, act: Certifying, mandate: Mandate, debtor: Debtor): CertifyOutcome | undefined {
  const now = desk.now();
  const today = algiersDay(now);
  const state = stateOn(mandate, today);
  if (state !== 'PENDING_CERTIFICATION') return { outcome: 'WRONG_STATE', state };
  if (mandate.makers.includes(act.by)) return { outcome: 'SAME_PERSON' };
  // Computed again from what stands there: a row that was changed by another way is not what was seen.
  const contentHash = contentHashOf(mandate.mandateId, requestOf(mandate, debtor), mandate.scanDigest);
  if (act.seenHash !== contentHash || act.seenHash !== mandate.contentHash) return { outcome: 'OTHER_CONTENT' };
  const submittedAt = mandate.submittedAt?.getTime() ?? 0;
  if (now.getTime() > submittedAt + desk.submissionHours * 3_600_000) return { outcome: 'SUBMITTED_TOO_LONG_AGO' };
  return mandate.validTo < today ? { outcome: 'PAST_ITS_LAST_DAY' } : undefined;
}

async function replacementRefusal(desk: Desk, mandate: Mandate): Promise<CertifyOutcome | undefined> {
  if (mandate.replaces === undefined) return undefined;
  const replaced = await selectMandate(desk.pool, mandate.replaces);
  const why = replaced && cannotReplace(replaced, mandate, algiersDay(desk.now()));
  return why === undefined
    ? undefined
    : { outcome: 'REPLACES_NOTHING', fault: requestFault('replaces', why.code, why.values) };
}

const drawsFromOneList = 12;

type Issue = { desk: Desk; act: Certifying; mandate: Mandate; debtor: Debtor; nameDifference: string | undefined };

async function issue(certified: Issue): Promise<CertifyOutcome> {
  const list = await selectStatusList(certified.desk.pool);
  for (let draw = 0; ; draw += 1) {
    // Drawn at random, so a full list is known by its collisions: then the next one is begun.
    const place = { list: draw < drawsFromOneList ? list : list + 1, index: randomInt(statusListSize) };
    try {
      return await issueAt(place, certified);
    } catch (fault) {
      if (!isUniqueViolation(fault) || draw >= 2 * drawsFromOneList) throw fault;
    }
  }
}

async function issueAt(
  place: StatusPlace,
  { desk, act, mandate, debtor, nameDifference }: Issue,
): Promise<CertifyOutcome> {
  const { mandateId, creditor } = mandate;
  const at = desk.now();
  const claims = certificateClaims(requestOf(mandate, debtor), place);
  const jti = certificateIdOf(mandateId);
  const certificate = await desk.sign({
    type: 'mandate-certificate+jwt',
    jti,
    audience: creditor,
    issuedAt: at,
    claims,
  });
  return inTransaction(desk.pool, async (db) => {
    const locked = await lockMandate(db, mandateId);
    if (locked === undefined) return { outcome: 'NOT_FOUND' };
    const refusal = refusalOf(desk, act, locked, await selectDebtor(db, mandateId));
    if (refusal !== undefined) return refusal;
    const reason = nameDifference === undefined ? undefined : 'name-differs';
    const { by, from, seenHash: contentHash } = act;
    const paper = act.isPaperSeen && mandate.scanDigest === undefined ? 'seen' : undefined;
    if (!(await storeCertification(db, { mandateId, contentHash, by, from, at, place, certificate, reason, paper })))
      return { outcome: 'OTHER_CONTENT' };
    if (nameDifference !== undefined)
      await insertRemark(db, mandateId, { writtenBy: by, about: 'name-difference', remark: nameDifference });
    return { outcome: 'DONE', mandate: (await selectMandate(db, mandateId)) ?? locked };
  });
}
