import { randomUUID } from 'node:crypto';
import { type JwsClaims, type JwsReading, readJws } from '../signing/jws.ts';
import { type PrivateKey, signCompact } from '../signing/private-key.ts';
import type { VerificationKey } from '../signing/public-key.ts';
import type { CreditorCode, Jws } from '../values/ids.ts';
import { type Scope, type SigningKey, scopes } from './client.ts';

/**
 * What a creditor signs to have a key registered: a compact JWS of this type, signed by the key itself or by one that
 * the bank registered for the creditor earlier. `iss` is the creditor's code, `aud` the bank's issuer URL, `jkt` the
 * key's thumbprint (RFC 7638), `scopes` what it may sign. Without it two administrators could forge what was asked.
 */
const registrationType = 'signing-key-registration+jwt';
const claimNames = ['iss', 'aud', 'iat', 'jti', 'jkt', 'scopes'];
const recordDays = 30;
const aheadSeconds = 300;

/** What is wrong with a record. `RECORD` and `SIGNATURE` carry the strict reader's own words in `detail`. */
export type RecordFault =
  | 'RECORD'
  | 'SIGNATURE'
  | 'FOREIGN_KEY'
  | 'CLAIMS'
  | 'CREDITOR'
  | 'BANK'
  | 'OTHER_KEY'
  | 'AHEAD'
  | 'OLD'
  | 'NO_SCOPES'
  | 'UNKNOWN_SCOPE'
  | 'BEYOND_SIGNER';

export type RecordReading =
  | { outcome: 'READ'; scopes: readonly Scope[]; signedBy: 'ITSELF' | { kid: string } }
  | { outcome: 'REFUSED'; fault: RecordFault; detail: string };

export type RecordExpectation = {
  creditorCode: CreditorCode;
  /** The bank's issuer URL. */
  issuer: string;
  /** The key that is to be registered. */
  key: VerificationKey;
  /** The creditor's keys so far: asked only where the record names another key than its own. */
  known: () => Promise<ReadonlyMap<string, SigningKey>>;
  now: Date;
};

/** Reads a registration record, and compares what it says with what is asked. */
export async function readRegistrationRecord(record: string, expected: RecordExpectation): Promise<RecordReading> {
  const { key, now } = expected;
  const own = await readJws(record, {
    type: registrationType,
    keyOf: (kid) => (kid === key.kid ? key : undefined),
  });
  if (own.outcome === 'READ') return judged(own.claims, expected, undefined);
  if (own.outcome !== 'UNKNOWN_KEY') return refused(own);
  const known = await expected.known();
  const signed = await readJws(record, {
    type: registrationType,
    keyOf: (kid) => [known.get(kid)].find((one) => one !== undefined && mayVouch(one, now)),
  });
  return signed.outcome === 'READ' ? judged(signed.claims, expected, signed.key) : refused(signed);
}

/** The creditor's side: the record by which it asks to have a key registered, signed by it or by an earlier one. */
export async function signRegistration(
  signer: PrivateKey,
  asked: { creditorCode: CreditorCode; issuer: string; scopes: readonly Scope[]; now: Date; jkt?: string },
): Promise<Jws> {
  return signCompact(signer, registrationType, {
    iss: asked.creditorCode,
    aud: asked.issuer,
    iat: Math.floor(asked.now.getTime() / 1000),
    jti: randomUUID(),
    jkt: asked.jkt ?? signer.kid,
    scopes: asked.scopes,
  });
}

const mayVouch = ({ validFrom, validUntil, withdrawnAt }: SigningKey, now: Date): boolean =>
  withdrawnAt === undefined && validFrom <= now && now < validUntil;

function refused(reading: Exclude<JwsReading<VerificationKey>, { outcome: 'READ' }>): RecordReading {
  const { outcome, detail } = reading;
  switch (outcome) {
    case 'MALFORMED':
    case 'WRONG_TYPE':
      return { outcome: 'REFUSED', fault: 'RECORD', detail };
    case 'UNKNOWN_KEY':
      return { outcome: 'REFUSED', fault: 'FOREIGN_KEY', detail };
    case 'BAD_SIGNATURE':
      return { outcome: 'REFUSED', fault: 'SIGNATURE', detail };
  }
}

function judged(claims: JwsClaims, expected: RecordExpectation, signer: SigningKey | undefined): RecordReading {
  const fault = claimFault(claims, expected);
  if (fault !== undefined) return { outcome: 'REFUSED', ...fault };
  const granted = scopes.filter((scope) => scopesOf(claims).includes(scope));
  const beyond = signer && granted.find((scope) => !signer.scopes.includes(scope));
  if (beyond !== undefined)
    return { outcome: 'REFUSED', fault: 'BEYOND_SIGNER', detail: `the key that signed has not the scope ${beyond}` };
  return { outcome: 'READ', scopes: granted, signedBy: signer === undefined ? 'ITSELF' : { kid: signer.kid } };
}

function claimFault(
  claims: JwsClaims,
  { creditorCode, issuer, key, now }: RecordExpectation,
): { fault: RecordFault; detail: string } | undefined {
  const foreign = Object.keys(claims).some((name) => !claimNames.includes(name));
  if (foreign) return { fault: 'CLAIMS', detail: `the claims are not exactly ${claimNames.join(', ')}` };
  if (claims.iss !== creditorCode) return { fault: 'CREDITOR', detail: `iss is not ${creditorCode}` };
  if (claims.aud !== issuer) return { fault: 'BANK', detail: `aud is not ${issuer}` };
  if (claims.jkt !== key.kid) return { fault: 'OTHER_KEY', detail: "jkt is not the key's thumbprint" };
  const age = now.getTime() / 1000 - claims.iat;
  if (age < -aheadSeconds) return { fault: 'AHEAD', detail: 'iat is ahead of the clock' };
  if (age > recordDays * 86_400) return { fault: 'OLD', detail: `iat is more than ${recordDays} days old` };
  const asked = scopesOf(claims);
  if (asked.length === 0) return { fault: 'NO_SCOPES', detail: 'scopes is no list of scopes' };
  const unknown = asked.some((name) => !scopes.some((scope) => scope === name));
  return unknown ? { fault: 'UNKNOWN_SCOPE', detail: `scopes has another than ${scopes.join(', ')}` } : undefined;
}

const scopesOf = (claims: JwsClaims): readonly unknown[] => (Array.isArray(claims.scopes) ? claims.scopes : []);
