import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { hidhab, issuer } from '../../test/mandates.ts';
import { readSampleEmployers } from '../commands/sample-employers.ts';
import { formatAmount } from '../values/centimes.ts';
import { parseDay } from '../values/dates.ts';
import { newMandateId } from '../values/ids.ts';
import { contentHashOf, readAuthorisationRequest, type TypedRequest, typedFrom } from './authorisation-request.ts';
import { certificateLength } from './certificate.ts';

const rules = { today: must(parseDay('2026-03-01')), bankCodes: ['005'], issuer };
const read = (typed: TypedRequest) => readAuthorisationRequest({ ...hidhab, ...typed }, rules);

function faultsOf(typed: TypedRequest): string[] {
  const result = read(typed);
  return 'faults' in result ? result.faults.map(({ field, message }) => `${field} ${message}`) : [];
}

test('what staff type is read in one form: blanks, dashes, Arabic digits, composed letters, a local number', () => {
  const result = read({
    rib: '٠٠٥ 00102-4447712782 14',
    nameFr: '  SARL  E\u0301l\u00a0Hidhab ',
    phone: '0716 48 08 94',
    period: 'quarter',
  });
  expect('request' in result && result.request).toMatchObject({
    debtor: { rib: '00500102444771278214', nameFr: 'SARL Él Hidhab', phone: '+213716480894' },
    period: 'QUARTER',
  });
});

test('every fault is told at once, each with its field', () => {
  const typed = {
    rib: '00500102444771278215',
    employerNumber: '12',
    nameAr: '',
    perDebitCeiling: '0.00',
    validTo: 'soon',
  };
  expect(faultsOf(typed).map((fault) => fault.split(' ')[0])).toEqual([
    'employerNumber',
    'rib',
    'perDebitCeiling',
    'validTo',
    'nameAr',
  ]);
});

test.for([
  [{ rib: '00100102444771278214' }, 'rib is of bank 001'],
  [{ rib: '00500102444771278213' }, 'rib is no RIB'],
  [{ periodCeiling: '149999.99' }, 'periodCeiling is below'],
  [{ validTo: '2026-02-28', validFrom: '2026-01-01' }, 'validTo is in the past'],
  [{ validFrom: '2027-01-01' }, 'validTo is before the first day'],
  [{ validTo: '2026-02-30' }, 'validTo is no day'],
  [{ period: 'WEEK' }, 'period is none of'],
  [{ creditor: 'cnas' }, 'creditor is no creditor code'],
  [{ phone: '021 65 43 21' }, 'phone is no Algerian mobile number'],
  [{ replaces: 'M-1' }, 'replaces is no mandate id'],
  [{ nameFr: 'ش.ذ.م.م الهضاب' }, 'nameFr has no Latin letter'],
  [{ nameAr: 'El Hidhab' }, 'nameAr has no Arabic letter'],
  [{ nameFr: 'SARL \u202eparH' }, 'nameFr holds control characters'],
  [{ nameFr: 'SARL 漢字' }, "nameFr has characters that can't be printed: 漢 字"],
  [{ nameFr: `SARL ${'x'.repeat(136)}` }, 'nameFr has 141 characters'],
  [{ nameFr: `SARL ${'x'.repeat(135)}`, nameAr: 'ش'.repeat(140) }, 'nameFr and nameAr are too long for the QR code'],
] as const)('%j is refused: %s', ([typed, fault]) => {
  expect(faultsOf(typed)).toEqual([expect.stringContaining(fault)]);
});

test('today is no past day, and a mandate may last one day', () => {
  expect(faultsOf({ validFrom: '2026-03-01', validTo: '2026-03-01' })).toEqual([]);
});

test('every sample employer fits its certificate, as the first mandate of a chain and as a replacement', async () => {
  for (const employer of await readSampleEmployers()) {
    const typed = {
      ...hidhab,
      ...employer,
      perDebitCeiling: formatAmount(employer.perDebitCeiling),
      periodCeiling: formatAmount(employer.perMonthCeiling),
      replaces: newMandateId(new Date()),
    };
    const result = readAuthorisationRequest(typed, { ...rules, issuer: { ...issuer, environment: 'development' } });
    if ('faults' in result) throw new Error(`${employer.nameFr}: ${JSON.stringify(result.faults)}`);
    expect(certificateLength(result.request, { ...issuer, environment: 'development' })).toBeLessThan(1000);
  }
});

test('the content hash changes with everything that is on the paper, and not with the telephone', () => {
  const mandateId = newMandateId(new Date());
  const hashOf = (typed: TypedRequest) => {
    const result = read(typed);
    return 'request' in result ? contentHashOf(mandateId, result.request, undefined) : undefined;
  };
  const hashes = [
    {},
    { creditor: 'CACOBATPH' },
    { employerNumber: '0262992313' },
    { rib: '00500120400170002194' },
    { nameFr: 'SARL El Hidhab' },
    { nameAr: 'الهضاب' },
    { representativeFr: 'Karim Haddad' },
    { representativeAr: '' },
    { perDebitCeiling: '150000.01' },
    { periodCeiling: '300000.01' },
    { period: 'YEAR' },
    { validFrom: '2026-01-02' },
    { validTo: '2026-12-30' },
    { replaces: mandateId },
  ].map(hashOf);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashOf({ phone: '' })).toBe(hashOf({}));
});

test('a request written out again is the same request', () => {
  const result = read({});
  if ('faults' in result) throw new Error('the sample is possible');
  expect(readAuthorisationRequest(typedFrom(result.request), rules)).toEqual(result);
});
