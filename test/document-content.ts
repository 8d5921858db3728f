import { generateKeyPairSync, sign } from 'node:crypto';
import type { CertificateContent } from '../src/documents/certificate.ts';
import type { ReceiptContent } from '../src/documents/receipt.ts';
import { type Centimes, parseAmount } from '../src/values/centimes.ts';
import { type Day, parseDay } from '../src/values/dates.ts';
import {
  type Jws,
  parseCreditorCode,
  parseDeclarationReference,
  parseEmployerNumber,
  parseEndToEndId,
  parseJws,
  parseMandateId,
  parseTokenId,
} from '../src/values/ids.ts';
import { parseRib } from '../src/values/rib.ts';

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a sample value is malformed');
  return value;
}

const amount = (text: string): Centimes => present(parseAmount(text));
const day = (text: string): Day => present(parseDay(text));

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A signed token of about that many characters. */
export function tokenOfLength(characters: number): Jws {
  const header = encoded({ alg: 'ES256', kid: 'k'.repeat(43), typ: 'mandate-certificate+jwt' });
  const fill = Math.floor(((characters - header.length - 88) * 3) / 4) - 11;
  const signed = `${header}.${encoded({ fill: 'abcdefghijklmnopqrstuvwxyz'.repeat(80).slice(0, fill) })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return present(parseJws(`${signed}.${signature.toString('base64url')}`));
}

const shared = {
  jti: present(parseTokenId('0198f3a2-7c1e-7abc-8def-0123456789ab')),
  keyThumbprint: 'Zk1bC8Yw3uH0aQm9dLr5sTvXeNfGiJkPoRqBcDwUyEA',
  environment: 'production',
  bank: { nameFr: 'Banque de Démonstration d’Alger', nameAr: 'بنك الجزائر النموذجي' },
  keysAddress: 'https://gateway.bank.example/.well-known/jwks.json',
  mandateId: present(parseMandateId('0198f3a2-7c1e-7abc-8def-0123456789ac')),
  creditor: {
    code: present(parseCreditorCode('CNAS')),
    nameFr: 'Caisse nationale des assurances sociales des travailleurs salariés',
    nameAr: 'الصندوق الوطني للتأمينات الاجتماعية للعمال الأجراء',
  },
  employer: {
    number: present(parseEmployerNumber('0262992312')),
    nameFr: 'SARL El Hidhab Construction',
    nameAr: 'ش.ذ.م.م الهضاب للبناء',
  },
} as const;

export const ordinaryCertificate: CertificateContent = {
  ...shared,
  token: tokenOfLength(950),
  representative: { nameFr: 'Amina Bensalem', nameAr: 'أمينة بن سالم' },
  rib: present(parseRib('00500102444771278214')),
  perDebitCeiling: amount('150000.00'),
  periodCeiling: amount('300000.00'),
  period: 'MONTH',
  validFrom: day('2026-02-01'),
  validTo: day('2026-12-31'),
  certifiedAt: new Date('2026-01-31T23:30:00Z'),
};

export const longNames = {
  nameFr:
    "SPA Société Nationale d'Essai de Très Longue Dénomination pour la Réalisation d'Infrastructures et d'Équipements",
  nameAr: 'ش.ذ.أ الشركة التجريبية ذات التسمية الطويلة جدا لإنجاز المنشآت والتجهيزات',
};

export const longestCertificate: CertificateContent = {
  ...ordinaryCertificate,
  token: tokenOfLength(1000),
  environment: 'test',
  replaces: present(parseMandateId('0198f3a2-7c1e-7abc-8def-0123456789aa')),
  employer: { ...shared.employer, ...longNames },
  perDebitCeiling: amount('7777777777777.77'),
  periodCeiling: amount('9999999999999.99'),
  period: 'YEAR',
};

export const ordinaryReceipt: ReceiptContent = {
  ...shared,
  token: tokenOfLength(1250),
  endToEndId: present(parseEndToEndId('CNAS-2026-01-0262992312-000001')),
  declarationReference: present(parseDeclarationReference('DAC-2026-01-0262992312')),
  amount: amount('123456.50'),
  debitedAccount: present(parseRib('00500102444771278214')),
  creditedAccount: present(parseRib('00500120400170002194')),
  receivedAt: new Date('2026-01-31T22:59:58Z'),
  executedAt: new Date('2026-01-31T23:00:01Z'),
  bookingDate: day('2026-02-01'),
  valueDate: day('2026-02-01'),
  bookingReference: 'B-0000123456',
  reversed: undefined,
};
