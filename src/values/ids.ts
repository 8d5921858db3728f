import { createHash, randomBytes } from 'node:crypto';
import type { Branded } from './branded.ts';

/** A mandate's name: UUIDv7, made by the gateway. */
export type MandateId = Branded<string, 'MandateId'>;
/** A debit's name inside the gateway: UUIDv7. Outside it is known by its end-to-end id. */
export type DebitId = Branded<string, 'DebitId'>;
/** The creditor's own name for a debit, unique for ever. */
export type EndToEndId = Branded<string, 'EndToEndId'>;
/** The creditor's name for a declaration, unique for the employer. */
export type DeclarationReference = Branded<string, 'DeclarationReference'>;
/** "CNAS", "CACOBATPH": the creditor's code, the `iss` of its requests and the `aud` of what it is sent. */
export type CreditorCode = Branded<string, 'CreditorCode'>;
/** The employer's number at the creditor: ten digits. */
export type EmployerNumber = Branded<string, 'EmployerNumber'>;
/** A token's `jti`: a UUID. */
export type TokenId = Branded<string, 'TokenId'>;
/** A compact JWS (RFC 7515) as it was signed, byte for byte. */
export type Jws = Branded<string, 'Jws'>;
/** The reference that the core banking system sees: 32 characters of base32, derived, never random. */
export type CoreReference = Branded<string, 'CoreReference'>;

/** In lower case alone: a name is written in one way. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
/** One that `uuidV7` may have made. */
export const isUuidV7 = (text: string): boolean => isUuid(text) && text.charAt(14) === '7';

const creditorsName = /^[A-Za-z0-9-]{1,35}$/;

export const parseMandateId = (text: string): MandateId | undefined => (isUuid(text) ? (text as MandateId) : undefined);
export const parseDebitId = (text: string): DebitId | undefined => (isUuid(text) ? (text as DebitId) : undefined);
export const parseTokenId = (text: string): TokenId | undefined => (isUuid(text) ? (text as TokenId) : undefined);
export const parseEndToEndId = (text: string): EndToEndId | undefined =>
  creditorsName.test(text) ? (text as EndToEndId) : undefined;
export const parseDeclarationReference = (text: string): DeclarationReference | undefined =>
  creditorsName.test(text) ? (text as DeclarationReference) : undefined;
export const parseCreditorCode = (text: string): CreditorCode | undefined =>
  /^[A-Z0-9]{2,20}$/.test(text) ? (text as CreditorCode) : undefined;
export const parseEmployerNumber = (text: string): EmployerNumber | undefined =>
  /^\d{10}$/.test(text) ? (text as EmployerNumber) : undefined;
/** As people write it: parted for reading, or with the digits of Arabic. */
export const parseTypedEmployerNumber = (text: string): EmployerNumber | undefined =>
  parseEmployerNumber(
    text.replace(/[\s.\-\u2010-\u2015]/g, '').replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660)),
  );
export const parseCoreReference = (text: string): CoreReference | undefined =>
  /^[A-Z2-7]{32}$/.test(text) ? (text as CoreReference) : undefined;
/** Looks at the outer shape only; what it says is the strict reader's business. */
export const parseJws = (text: string): Jws | undefined =>
  /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text) ? (text as Jws) : undefined;

/** UUIDv7 (RFC 9562, 5.7): sorts by time to the millisecond, the rest random. */
export function uuidV7(now: Date, random: Uint8Array = randomBytes(10)): string {
  const time = now.getTime().toString(16).padStart(12, '0');
  const tail = Buffer.from(random).toString('hex');
  const variant = ((Number.parseInt(tail.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-${variant}${tail.slice(4, 7)}-${tail.slice(7, 19)}`;
}

export const newMandateId = (now: Date): MandateId => uuidV7(now) as MandateId;
export const newDebitId = (now: Date): DebitId => uuidV7(now) as DebitId;
export const newTokenId = (now: Date): TokenId => uuidV7(now) as TokenId;

/** What a debit can have one token of, so that its `jti` is the same when it is made again after a restore. */
export type DerivedTokenKind = 'receipt' | 'confirmation' | 'rejection' | 'reversal';

/** The `jti` of a debit's token, derived from its name: UUIDv8 (RFC 9562, 5.8) over SHA-256. */
export const derivedTokenId = (creditor: CreditorCode, endToEndId: EndToEndId, kind: DerivedTokenKind): TokenId =>
  uuidV8(`${creditor}\n${endToEndId}\n${kind}`);

/** The `jti` of a creditor's event, derived from its number: the same however often it is signed. */
export const eventTokenId = (creditor: CreditorCode, epoch: number, sequence: number): TokenId =>
  uuidV8(`${creditor}\n${epoch}/${sequence}\nevent`);

function uuidV8(name: string): TokenId {
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = ((Number.parseInt(hex.slice(15, 16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-${variant}${hex.slice(16, 19)}-${hex.slice(19, 31)}` as TokenId;
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const coreReferenceOf = (creditor: CreditorCode, endToEndId: EndToEndId): CoreReference =>
  derivedReference(`${creditor}\n${endToEndId}`);

/** Each attempt to give a debit back has a reference of its own. */
export const reversalReferenceOf = (creditor: CreditorCode, endToEndId: EndToEndId, attempt: number): CoreReference =>
  derivedReference(`${creditor}\n${endToEndId}\nreversal\n${attempt}`);

/** Base32 without padding (RFC 4648) of the first 20 bytes of SHA-256 over what names it: 32 characters. */
function derivedReference(name: string): CoreReference {
  const digest = createHash('sha256').update(name).digest().subarray(0, 20);
  let bits = BigInt(`0x${digest.toString('hex')}`);
  let text = '';
  for (let position = 0; position < 32; position += 1) {
    text = base32.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text as CoreReference;
}
