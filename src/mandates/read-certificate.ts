import { type JwsClaims, readJws } from '../signing/jws.ts';
import type { VerificationKey } from '../signing/public-key.ts';
import type { CreditorCode } from '../values/ids.ts';
import { type MandateId, parseMandateId } from '../values/ids.ts';
import type { CertificateIssuer } from './certificate.ts';

/** What was certified, as far as a caller's expectations are compared with it. */
export type CertifiedData = { mandateId: MandateId; employerNumber: string; rib: string };

export type CertificateFault =
  | 'MALFORMED'
  | 'WRONG_TYPE'
  | 'UNKNOWN_KEY'
  | 'BAD_SIGNATURE'
  | 'WRONG_ISSUER'
  | 'WRONG_AUDIENCE'
  | 'WRONG_ENVIRONMENT';

/** GENUINE: issued here, to this creditor. Otherwise every reason that can be told, and nothing of what it says. */
export type CertificateReading =
  | { outcome: 'GENUINE'; certified: CertifiedData }
  | { outcome: 'NOT_OURS'; faults: readonly CertificateFault[] };

export type CertificateReader = (token: string, creditor: CreditorCode) => Promise<CertificateReading>;

/** Reads a certificate's token strictly, against our own certificate keys. */
export function certificateReader(
  { issuer, environment }: CertificateIssuer,
  keyOf: (kid: string) => VerificationKey | undefined,
): CertificateReader {
  return async (token, creditor) => {
    const read = await readJws(token, { type: 'mandate-certificate+jwt', keyOf });
    if (read.outcome !== 'READ') return { outcome: 'NOT_OURS', faults: [read.outcome] };
    const { claims } = read;
    const faults: CertificateFault[] = [];
    if (claims.iss !== issuer) faults.push('WRONG_ISSUER');
    if (claims.environment !== environment) faults.push('WRONG_ENVIRONMENT');
    if (claims.aud !== creditor) faults.push('WRONG_AUDIENCE');
    if (faults.length > 0) return { outcome: 'NOT_OURS', faults };
    const certified = certifiedIn(claims);
    return certified === undefined ? { outcome: 'NOT_OURS', faults: ['MALFORMED'] } : { outcome: 'GENUINE', certified };
  };
}

function certifiedIn({ jti, emp, rib }: JwsClaims): CertifiedData | undefined {
  const mandateId = parseMandateId(jti);
  if (mandateId === undefined || typeof emp !== 'string' || typeof rib !== 'string') return undefined;
  return { mandateId, employerNumber: emp, rib };
}
