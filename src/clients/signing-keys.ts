import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { Queryable } from '../database/queryable.ts';
import { type AdmittedKey, admitJwk, admitPem, admitPublicKey, type KeyAdmission } from '../signing/public-key.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { SigningKey } from './client.ts';
import {
  insertSigningKey,
  type RegistrationOutcome,
  type RegistryAct,
  type SigningKeyRow,
  type SigningKeyToInsert,
  selectSigningKeys,
} from './clients.sql.ts';
import { type RecordFault, type RecordReading, readRegistrationRecord } from './registration-record.ts';

export type SigningKeyToRegister = {
  creditorCode: CreditorCode;
  /** PEM ("BEGIN PUBLIC KEY") or a JWK. */
  publicKey: string;
  /** The creditor's own signed record: its scopes are the key's. Kept for ever. */
  registration: string;
  /** The bank's issuer URL. */
  issuer: string;
  validFrom: Date;
  validUntil: Date;
  now: Date;
};

/** PRIVATE_KEY: the key itself was sent to the bank, so it proves nothing any more. `detail` says more, in English. */
export type SigningKeyFault = 'KEY' | 'PRIVATE_KEY' | RecordFault;

export type SigningKeyReading =
  | { outcome: 'READ'; key: SigningKeyToInsert; signedBy: Extract<RecordReading, { outcome: 'READ' }>['signedBy'] }
  | { outcome: 'REFUSED'; fault: SigningKeyFault; detail: string };

export type SigningKeyRegistration =
  | { outcome: RegistrationOutcome; kid: string }
  | Extract<SigningKeyReading, { outcome: 'REFUSED' }>;

/** Registers a creditor's signing key, if the creditor's own signed record says so. */
export async function registerSigningKey(
  db: Queryable,
  { by, from, proposalId, ...asked }: SigningKeyToRegister & RegistryAct,
): Promise<SigningKeyRegistration> {
  const read = await readSigningKey(db, asked);
  if (read.outcome === 'REFUSED') return read;
  return { outcome: await insertSigningKey(db, read.key, { by, from, proposalId }), kid: read.key.thumbprint };
}

/** Reads key and record, and compares them: what would be registered, or why not. */
export async function readSigningKey(db: Queryable, asked: SigningKeyToRegister): Promise<SigningKeyReading> {
  const admission = admitText(asked.publicKey.trim());
  if (admission.outcome === 'REFUSED') return admission;
  const { verification, jwk } = admission;
  const { creditorCode, issuer, now, registration, validFrom, validUntil } = asked;
  const record = await readRegistrationRecord(registration, {
    ...{ creditorCode, issuer, key: verification, now },
    known: () => signingKeysOf(db, creditorCode),
  });
  if (record.outcome === 'REFUSED') return record;
  const { kid: thumbprint, algorithm } = verification;
  const { scopes, signedBy } = record;
  const key = { thumbprint, creditorCode, jwk, algorithm, scopes, registration, validFrom, validUntil };
  return { outcome: 'READ', key, signedBy };
}

/** Every key that the creditor ever registered, by its `kid`; dates and withdrawal are for the checker to look at. */
export async function signingKeysOf(
  db: Queryable,
  creditorCode: CreditorCode,
): Promise<ReadonlyMap<string, SigningKey>> {
  const rows = await selectSigningKeys(db, creditorCode);
  return new Map(rows.map(toSigningKey).map((key) => [key.kid, key]));
}

function admitText(text: string): AdmittedKey | { outcome: 'REFUSED'; fault: 'KEY' | 'PRIVATE_KEY'; detail: string } {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return privateKey;
  if (!text.startsWith('{')) return toKeyFault(admitPem(text));
  const jwk = readJwk(text);
  if (jwk === undefined) return { outcome: 'REFUSED', fault: 'KEY', detail: 'this is not JSON' };
  return jwk.d === undefined ? toKeyFault(admitJwk(jwk)) : privateKey;
}

const privateKey = { outcome: 'REFUSED', fault: 'PRIVATE_KEY', detail: 'this is a private key' } as const;

const toKeyFault = (admission: KeyAdmission) =>
  admission.outcome === 'REFUSED' ? { ...admission, fault: 'KEY' as const } : admission;

function readJwk(text: string): JsonWebKey | undefined {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toSigningKey(row: SigningKeyRow): SigningKey {
  const admission = admitPublicKey(createPublicKey({ key: row.public_jwk, format: 'jwk' }));
  // It was looked at when it was registered: only a hand in the table can have changed it.
  if (admission.outcome === 'REFUSED') throw new Error(`a registered signing key: ${admission.detail}`);
  return {
    ...admission.verification,
    creditorCode: row.creditor_code,
    scopes: row.scopes,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    withdrawnAt: row.withdrawn_at ?? undefined,
  };
}
