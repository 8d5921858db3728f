import type { Sign } from '../signing/signer.ts';
import { algiersDay, type Day, formatInstant } from '../values/dates.ts';
import { type CreditorCode, type Jws, type MandateId, newTokenId } from '../values/ids.ts';
import { type MandateState, stateOn } from './mandate.ts';
import type { CertificateFault, CertificateReader, CertifiedData } from './read-certificate.ts';
import type { Showing, ShownMandate } from './verification.sql.ts';

export type VerdictReason =
  | CertificateFault
  | 'UNKNOWN_MANDATE'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'REVOKED'
  | 'SUSPENDED'
  | 'REPLACED'
  | 'EMPLOYER_NUMBER_DIFFERS'
  | 'RIB_DIFFERS'
  | 'NO_CERTIFICATE_IN_PDF';

export type ComparedMember = 'EMPLOYER_NUMBER' | 'RIB';

/** What the caller expects the certificate to say; only what is named is compared. */
export type Expected = { employerNumber?: string | undefined; rib?: string | undefined };

export type Verdict = {
  reasons: readonly VerdictReason[];
  compared: readonly ComparedMember[];
  /** Of a mandate of the caller's only. */
  mandate: { mandateId: MandateId; state: MandateState | undefined } | undefined;
};

export type SignedVerdict = Verdict & { status: 'VALID' | 'INVALID'; verifiedAt: Date; token: Jws };

export type VerifySteps = {
  now: () => Date;
  read: CertificateReader;
  /** Records the first showing, so that the creditor sees the mandate from then on. */
  show: (showing: Showing) => Promise<ShownMandate | undefined>;
  sign: Sign;
};

/** Verifies a certificate and signs what was found, with every reason. `token` is undefined for a PDF without one. */
export async function verifyCertificate(
  steps: VerifySteps,
  { creditor, token, expected }: { creditor: CreditorCode; token: string | undefined; expected: Expected },
): Promise<SignedVerdict> {
  const verifiedAt = steps.now();
  const verdict = await judge(steps, { creditor, token, expected, at: verifiedAt });
  const status = verdict.reasons.length === 0 ? 'VALID' : 'INVALID';
  const signed = await steps.sign({
    type: 'mandate-verification+jwt',
    jti: newTokenId(verifiedAt),
    audience: creditor,
    issuedAt: verifiedAt,
    claims: verdictMembers({ ...verdict, status, verifiedAt }),
  });
  return { ...verdict, status, verifiedAt, token: signed.token };
}

/** The verdict in the contract's words: what the token claims, and what stands beside it in clear. */
export function verdictMembers({ status, reasons, compared, mandate, verifiedAt }: Omit<SignedVerdict, 'token'>) {
  return {
    status,
    reasons: [...reasons],
    compared: [...compared],
    ...(mandate === undefined ? {} : { mandateId: mandate.mandateId }),
    ...(mandate?.state === undefined ? {} : { mandateState: mandate.state }),
    verifiedAt: formatInstant(verifiedAt),
    verifiedOn: algiersDay(verifiedAt),
  };
}

type Asked = { creditor: CreditorCode; token: string | undefined; expected: Expected; at: Date };

async function judge({ read, show }: VerifySteps, { creditor, token, expected, at }: Asked): Promise<Verdict> {
  const nothing = { compared: [], mandate: undefined };
  if (token === undefined) return { reasons: ['NO_CERTIFICATE_IN_PDF'], ...nothing };
  const reading = await read(token, creditor);
  // Of another creditor's mandate nothing is told, not even whether it runs.
  if (reading.outcome === 'NOT_OURS') return { reasons: reading.faults, ...nothing };
  const { certified } = reading;
  const { compared, differences } = compare(certified, expected);
  const shown = await show({ mandateId: certified.mandateId, creditor, at });
  if (shown === undefined) return { reasons: ['UNKNOWN_MANDATE', ...differences], compared, mandate: undefined };
  const today = algiersDay(at);
  return {
    reasons: [...dateReasons(shown, today), ...stateReasons(shown, today), ...differences],
    compared,
    mandate: { mandateId: certified.mandateId, state: stateOn(shown, today) },
  };
}

function dateReasons({ state, validFrom, validTo }: ShownMandate, today: Day): VerdictReason[] {
  if (state === 'EXPIRED' || today > validTo) return ['EXPIRED'];
  return today < validFrom ? ['NOT_YET_VALID'] : [];
}

/** A certified mandate is VALID before its acceptance: that is when it is verified. */
function stateReasons(shown: ShownMandate, today: Day): VerdictReason[] {
  const state = stateOn(shown, today);
  switch (state) {
    case 'SUSPENDED':
    case 'REVOKED':
    case 'REPLACED':
      return [state];
    case 'CERTIFIED':
    case 'ACTIVE':
    case 'EXPIRED':
      return [];
    case 'DRAFT':
    case 'PENDING_CERTIFICATION':
    case 'REFUSED':
      // No certificate is ever issued in these: the database keeps it so.
      return ['UNKNOWN_MANDATE'];
  }
}

function compare(certified: CertifiedData, expected: Expected) {
  const compared: ComparedMember[] = [];
  const differences: VerdictReason[] = [];
  if (expected.employerNumber !== undefined) {
    compared.push('EMPLOYER_NUMBER');
    if (expected.employerNumber !== certified.employerNumber) differences.push('EMPLOYER_NUMBER_DIFFERS');
  }
  if (expected.rib !== undefined) {
    compared.push('RIB');
    if (expected.rib !== certified.rib) differences.push('RIB_DIFFERS');
  }
  return { compared, differences };
}
