import { randomUUID } from 'node:crypto';
import type { Queryable } from '../database/queryable.ts';
import { readJws } from '../signing/jws.ts';
import { type PrivateKey, signCompact } from '../signing/private-key.ts';
import { admitPem } from '../signing/public-key.ts';
import type { CreditorCode, Jws } from '../values/ids.ts';
import { type Scope, scopes } from './client.ts';
import { insertSigningKey, type RegistrationOutcome } from './clients.sql.ts';

const registrationType = 'signing-key-registration+jwt';
const claimNames = ['iss', 'aud', 'iat', 'jti', 'jkt', 'scopes'];
const recordDays = 30;
const aheadSeconds = 300;

export type SigningKeyToRegister = {
  creditorCode: CreditorCode;
  /** PEM, "BEGIN PUBLIC KEY". */
  publicKey: string;
  /** What the creditor signed with that key to have it registered: its scopes are the key's. Kept for ever. */
  registration: string;
  /** The bank's issuer URL. */
  issuer: string;
  validFrom: Date;
  validUntil: Date;
  now: Date;
  by: string;
};

export type SigningKeyRegistration =
  | { outcome: RegistrationOutcome; kid: string }
  | { outcome: 'REFUSED'; detail: string };

/** Registers a creditor's signing key, if the creditor's own signed record says so. */
export async function registerSigningKey(db: Queryable, asked: SigningKeyToRegister): Promise<SigningKeyRegistration> {
  const admission = admitPem(asked.publicKey);
  if (admission.outcome === 'REFUSED') return admission;
  const { verification, jwk } = admission;
  const { kid, algorithm } = verification;
  const record = await readJws(asked.registration, {
    type: registrationType,
    keyOf: (named) => (named === kid ? verification : undefined),
  });
  if (record.outcome !== 'READ') return { outcome: 'REFUSED', detail: `registration: ${record.detail}` };
  const fault = claimFault(record.claims, kid, asked);
  if (fault !== undefined) return { outcome: 'REFUSED', detail: `registration: ${fault}` };
  const { creditorCode, registration, validFrom, validUntil } = asked;
  const granted = scopes.filter((scope) => scopesOf(record.claims).includes(scope));
  const key = { thumbprint: kid, creditorCode, jwk, algorithm, scopes: granted, registration, validFrom, validUntil };
  return { outcome: await insertSigningKey(db, key, asked.by), kid };
}

/** The creditor's side: the record by which it asks to have its key registered. */
export async function signRegistration(
  key: PrivateKey,
  asked: { creditorCode: CreditorCode; issuer: string; scopes: readonly Scope[]; now: Date },
): Promise<Jws> {
  return signCompact(key, registrationType, {
    iss: asked.creditorCode,
    aud: asked.issuer,
    iat: Math.floor(asked.now.getTime() / 1000),
    jti: randomUUID(),
    jkt: key.kid,
    scopes: asked.scopes,
  });
}

function claimFault(
  claims: { iss: string; aud: string; iat: number } & Readonly<Record<string, unknown>>,
  kid: string,
  { creditorCode, issuer, now }: SigningKeyToRegister,
): string | undefined {
  const foreign = Object.keys(claims).find((name) => !claimNames.includes(name));
  if (foreign !== undefined) return `the claims are not exactly ${claimNames.join(', ')}`;
  if (claims.iss !== creditorCode) return `iss is not ${creditorCode}`;
  if (claims.aud !== issuer) return `aud is not ${issuer}`;
  if (claims.jkt !== kid) return "jkt is not the key's thumbprint";
  const age = now.getTime() / 1000 - claims.iat;
  if (age < -aheadSeconds) return 'iat is ahead of the clock';
  if (age > recordDays * 86_400) return `iat is more than ${recordDays} days old`;
  const asked = scopesOf(claims);
  if (asked.length === 0) return 'scopes is no list of scopes';
  const unknown = asked.some((name) => !scopes.some((scope) => scope === name));
  return unknown ? `scopes has another than ${scopes.join(', ')}` : undefined;
}

const scopesOf = (claims: Readonly<Record<string, unknown>>): readonly unknown[] =>
  Array.isArray(claims.scopes) ? claims.scopes : [];
