import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { cacobatph, cnas } from '../../test/bank.ts';
import {
  aroundTheEndOf,
  hidhabRib,
  issuer,
  type MandateBank,
  morning,
  openMandateBank,
  revokeForBank,
  signedRequest,
  supervisor,
} from '../../test/mandates.ts';
import { runDue } from '../../test/work.ts';
import { batched } from '../database/batched.ts';
import { readJws } from '../signing/jws.ts';
import { signingKeyOf, verificationKeysOf } from '../signing/keys.ts';
import { readPrivateKey, signCompact } from '../signing/private-key.ts';
import type { CreditorCode } from '../values/ids.ts';
import { expiryWork } from './expire.ts';
import { lookUpMandate } from './look-up.ts';
import { certificateReader } from './read-certificate.ts';
import { suspendForCreditor } from './suspend.ts';
import { readShown } from './verification.sql.ts';
import { type Expected, type VerifySteps, verifyCertificate } from './verify.ts';

const stepsOf = (bank: MandateBank, parts: Partial<VerifySteps> = {}): VerifySteps => ({
  now: bank.desk.now,
  read: certificateReader(issuer, verificationKeysOf(bank.keys, 'certificates')),
  show: batched((showings) => readShown(bank.pool, showings)),
  sign: bank.desk.sign,
  ...parts,
});

const verify = (bank: MandateBank, token: string | undefined, expected: Expected = {}, creditor: CreditorCode = cnas) =>
  verifyCertificate(stepsOf(bank), { creditor, token, expected });

/** The same claims, some changed, signed with the bank's own key: what only the bank could issue. */
async function issuedWith(bank: MandateBank, token: string, changed: object, type = 'mandate-certificate+jwt') {
  const key = signingKeyOf(bank.keys, 'certificates', morning);
  if (key === undefined) throw new Error('no key');
  return signCompact(key, type, { ...claimsOf(token), ...changed });
}

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('a certified mandate is VALID before its acceptance, and after it, in a verdict that the bank has signed', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  const token = await bank.token(mandateId);
  const verdict = await verify(bank, token, { employerNumber: '0262992312', rib: hidhabRib });
  expect(verdict).toMatchObject({
    status: 'VALID',
    reasons: [],
    compared: ['EMPLOYER_NUMBER', 'RIB'],
    mandate: { mandateId, state: 'CERTIFIED' },
  });
  const keyOf = verificationKeysOf(bank.keys, 'confirmations');
  const read = await readJws(verdict.token, { type: 'mandate-verification+jwt', keyOf });
  expect(read).toMatchObject({
    outcome: 'READ',
    claims: {
      aud: 'CNAS',
      status: 'VALID',
      reasons: [],
      compared: ['EMPLOYER_NUMBER', 'RIB'],
      mandateId,
      mandateState: 'CERTIFIED',
      verifiedAt: '2026-03-01T09:00:00.000Z',
      verifiedOn: '2026-03-01',
    },
  });
  await bank.accept(mandateId);
  expect(await verify(bank, token)).toMatchObject({ status: 'VALID', compared: [], mandate: { state: 'ACTIVE' } });
});

test('the first showing is recorded once, however many come at once, and from then on the creditor sees the mandate', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  const token = await bank.token(mandateId);
  expect(await lookUpMandate(bank.pool, cnas, mandateId)).toBeUndefined();
  const [one, other] = [stepsOf(bank), stepsOf(bank)];
  const asked = { creditor: cnas, token, expected: {} };
  await Promise.all([one, other, one, other, one].map((steps) => verifyCertificate(steps, asked)));
  expect(await lookUpMandate(bank.pool, cnas, mandateId)).toMatchObject({ mandateId, shownAt: morning });
  expect(await lookUpMandate(bank.pool, cacobatph, mandateId)).toBeUndefined();
  expect((await bank.journalOf(mandateId)).filter((row) => row.startsWith('mandate.shown'))).toHaveLength(1);
});

test('many certificates of many mandates are read in one set, each with its own answer', async () => {
  await using bank = await openMandateBank();
  const ids = [await bank.certified(), await bank.certified(), await bank.certified()];
  const [first, second, third] = ids;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were certified');
  await revokeForBank(bank.desk, {
    mandateId: second,
    by: supervisor,
    from: '192.0.2.7',
    remark: 'The employer asked for it',
  });
  const show = (mandateId: typeof first, creditor = cnas) => ({ mandateId, creditor, at: morning });
  const answers = await readShown(bank.pool, [show(third), show(second), show(first, cacobatph), show(third)]);
  expect(answers.map((answer) => answer?.state)).toEqual(['CERTIFIED', 'REVOKED', undefined, 'CERTIFIED']);
  expect((await bank.file(first)).mandate.shownAt).toBeUndefined();
});

test('a certificate for another creditor is WRONG_AUDIENCE: nothing of the mandate is told, nothing recorded', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  await revokeForBank(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'The employer asked for it' });
  const verdict = await verify(bank, await bank.token(mandateId), { rib: '00500120400170002194' }, cacobatph);
  expect(verdict).toMatchObject({ status: 'INVALID', reasons: ['WRONG_AUDIENCE'], compared: [], mandate: undefined });
  expect(claimsOf(verdict.token)).not.toHaveProperty('mandateId');
  expect((await bank.file(mandateId)).mandate.shownAt).toBeUndefined();
});

test('what was altered, signed by others, or is no certificate is told apart', async () => {
  await using bank = await openMandateBank();
  const token = await bank.token(await bank.certified());
  const [header = '', , signature = ''] = token.split('.');
  const raised = Buffer.from(JSON.stringify({ ...claimsOf(token), cap: ['9', '9', 'M', 'DZD'] })).toString('base64url');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = readPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  if (stranger.outcome === 'REFUSED') throw new Error('a key of ours');
  const reasonsOf = async (text: string | undefined) => (await verify(bank, text)).reasons;
  expect(await reasonsOf(`${header}.${raised}.${signature}`)).toEqual(['BAD_SIGNATURE']);
  expect(await reasonsOf(await signCompact(stranger, 'mandate-certificate+jwt', claimsOf(token)))).toEqual([
    'UNKNOWN_KEY',
  ]);
  expect(await reasonsOf((await verify(bank, token)).token)).toEqual(['WRONG_TYPE']);
  expect(await reasonsOf('not a token')).toEqual(['MALFORMED']);
  expect(await reasonsOf(`${token}=`)).toEqual(['MALFORMED']);
  expect(await reasonsOf(undefined)).toEqual(['NO_CERTIFICATE_IN_PDF']);
});

test('issuer, installation and audience are all told where all are wrong', async () => {
  await using bank = await openMandateBank();
  const token = await bank.token(await bank.certified());
  const other = { iss: 'https://other.bank.example', environment: 'development', aud: 'CACOBATPH' };
  expect((await verify(bank, await issuedWith(bank, token, other))).reasons).toEqual([
    'WRONG_ISSUER',
    'WRONG_ENVIRONMENT',
    'WRONG_AUDIENCE',
  ]);
});

test('a certificate of ours whose mandate is not there (before a restore, say) is UNKNOWN_MANDATE, compared all the same', async () => {
  await using bank = await openMandateBank();
  const token = await bank.token(await bank.certified());
  const lost = await issuedWith(bank, token, { jti: '0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e' });
  expect(await verify(bank, lost, { employerNumber: '1111111111' })).toMatchObject({
    reasons: ['UNKNOWN_MANDATE', 'EMPLOYER_NUMBER_DIFFERS'],
    mandate: undefined,
  });
});

test('a mandate whose first day has not come is NOT_YET_VALID; after its last it is EXPIRED, written down or not', async () => {
  await using bank = await openMandateBank();
  const future = await bank.token(await bank.certified({ validFrom: '2026-03-02' }));
  expect((await verify(bank, future)).reasons).toEqual(['NOT_YET_VALID']);
  const ending = await bank.token(await bank.certified({ validTo: '2026-03-01' }));
  const [before, after] = aroundTheEndOf(morning);
  bank.setNow(before);
  expect((await verify(bank, ending)).reasons).toEqual([]);
  bank.setNow(after);
  expect((await verify(bank, future)).reasons).toEqual([]);
  expect(await verify(bank, ending)).toMatchObject({ reasons: ['EXPIRED'], mandate: { state: 'EXPIRED' } });
  await runDue([expiryWork({ db: bank.pool, now: bank.desk.now })]);
  expect((await verify(bank, ending)).reasons).toEqual(['EXPIRED']);
});

test('revoked, of another account and of another employer: every reason at once', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  await revokeForBank(bank.desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'The employer asked for it' });
  const expected = { employerNumber: '1111111111', rib: '00500120400170002194' };
  expect(await verify(bank, await bank.token(mandateId), expected)).toMatchObject({
    status: 'INVALID',
    reasons: ['REVOKED', 'EMPLOYER_NUMBER_DIFFERS', 'RIB_DIFFERS'],
    mandate: { mandateId, state: 'REVOKED' },
  });
});

test('suspended and replaced are told', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.accepted();
  const token = await bank.token(mandateId);
  await suspendForCreditor(bank.desk, { mandateId, request: signedRequest(morning), reason: undefined });
  expect((await verify(bank, token)).reasons).toEqual(['SUSPENDED']);
  const replacement = await bank.certified({ replaces: mandateId });
  await bank.accept(replacement);
  expect((await verify(bank, token)).reasons).toEqual(['REPLACED']);
  expect((await verify(bank, await bank.token(replacement))).reasons).toEqual(['SUSPENDED']);
});
