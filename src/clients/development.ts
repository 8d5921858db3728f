import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Queryable } from '../database/queryable.ts';
import { readPrivateKey } from '../signing/private-key.ts';
import { type CreditorCode, parseCreditorCode } from '../values/ids.ts';
import { parseRib } from '../values/rib.ts';
import { registerCertificate } from './certificates.ts';
import { scopes } from './client.ts';
import { type Creditor, insertCreditor } from './clients.sql.ts';
import { loadRevocationLists } from './crl.ts';
import { signRegistration } from './registration-record.ts';
import { registerSigningKey } from './signing-keys.ts';

const cnas = creditor({
  code: 'CNAS',
  nameFr: 'Caisse nationale des assurances sociales des travailleurs salariés',
  nameAr: 'الصندوق الوطني للتأمينات الاجتماعية للعمال الأجراء',
  collectionAccount: '00500100100000000136',
});

const cacobatph = creditor({
  code: 'CACOBATPH',
  nameFr:
    'Caisse nationale des congés payés et du chômage-intempéries des secteurs du bâtiment, des travaux publics et de l’hydraulique',
  nameAr:
    'الصندوق الوطني للعطل المدفوعة الأجر والبطالة الناجمة عن سوء الأحوال الجوية لقطاعات البناء والأشغال العمومية والري',
  collectionAccount: '00500100100000000233',
});

/** The creditors of a development gateway, each with its collection account at bank 005. */
export const developmentCreditors: readonly Creditor[] = [cnas, cacobatph];

/** Who each certificate of the development PKI belongs to. `unregistered` is none's, which is what it is for. */
const certificates: Readonly<Record<string, CreditorCode>> = {
  cnas: cnas.creditorCode,
  cacobatph: cacobatph.creditorCode,
  expired: cnas.creditorCode,
  revoked: cnas.creditorCode,
};

const by = 'development';
const day = 86_400_000;

/**
 * Registers what the development PKI's folder holds: creditors, certificates, signing keys, revocations. Done at each
 * start, since certificates may have been made again; what is registered already stays as it is. Never in production.
 */
export async function registerDevelopmentClients(
  db: Queryable,
  folder: string,
  { issuer, now }: { issuer: string; now: Date },
): Promise<void> {
  const read = (name: string) => readFile(path.join(folder, name), 'utf8');
  for (const registered of developmentCreditors) await insertCreditor(db, registered, { by });
  for (const [name, creditorCode] of Object.entries(certificates))
    required(name, await registerCertificate(db, { pem: await read(`${name}.pem`), creditorCode, by }));
  for (const { creditorCode } of developmentCreditors) {
    const name = `${creditorCode.toLowerCase()}-signing-key.pem`;
    const pem = await read(name);
    const key = readPrivateKey(pem);
    if (key.outcome === 'REFUSED') throw new Error(`${name}: ${key.detail}`);
    const asked = { creditorCode, issuer, now, scopes };
    const registration = await signRegistration(key, asked);
    const publicKey = String(createPublicKey(pem).export({ type: 'spki', format: 'pem' }));
    const validity = { validFrom: new Date(now.getTime() - day), validUntil: new Date(now.getTime() + 3650 * day) };
    required(name, await registerSigningKey(db, { ...asked, ...validity, publicKey, registration, by }));
  }
  const authorities = [new X509Certificate(await read('ca.pem'))];
  required('crl.pem', await loadRevocationLists(db, { file: path.join(folder, 'crl.pem'), authorities }));
}

function required(name: string, result: { outcome: string; detail?: string; fault?: string }): void {
  if (result.outcome === 'REFUSED' || result.outcome === 'UNKNOWN_CREDITOR')
    throw new Error(`development clients: ${name}: ${result.detail ?? result.fault ?? result.outcome}`);
}

type Text = { code: string; nameFr: string; nameAr: string; collectionAccount: string };

function creditor({ code, nameFr, nameAr, collectionAccount }: Text): Creditor {
  const creditorCode = parseCreditorCode(code);
  const rib = parseRib(collectionAccount);
  if (creditorCode === undefined || rib === undefined) throw new Error(`development creditor ${code}`);
  return { creditorCode, nameFr, nameAr, collectionAccount: rib };
}
