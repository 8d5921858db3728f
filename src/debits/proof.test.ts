import { createHash, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { cnas, must } from '../../test/bank.ts';
import type { SigningKey } from '../clients/client.ts';
import { readPrivateKey } from '../signing/private-key.ts';
import { admitPem } from '../signing/public-key.ts';
import { signRequest } from '../signing/sign-request.ts';
import { readRequest, type StoredRequest } from './proof.ts';

const received = new Date('2026-03-01T09:00:00Z');
const body = Buffer.from('{"amount":"125000.00"}');

async function signed(): Promise<{ request: StoredRequest; key: SigningKey }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = readPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const admitted = admitPem(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  if (key.outcome === 'REFUSED' || admitted.outcome === 'REFUSED') throw new Error('no key');
  const jti = 'request-0123456789';
  const asked = { method: 'PUT', target: '/v1/debits/E2E-1', body, jti, now: received };
  const token = await signRequest({
    ...asked,
    key,
    creditorCode: cnas,
    issuer: 'https://bank',
    publicOrigin: 'https://api',
  });
  return {
    request: {
      creditor: cnas,
      jti,
      keyThumbprint: admitted.verification.kid,
      method: 'PUT',
      target: asked.target,
      signedAt: received,
      receivedAt: received,
      digest: createHash('sha256').update(body).digest(),
      token,
      body,
    },
    key: {
      ...admitted.verification,
      creditorCode: cnas,
      scopes: ['debits'],
      validFrom: new Date('2026-01-01T00:00:00Z'),
      validUntil: new Date('2027-01-01T00:00:00Z'),
      withdrawnAt: undefined,
    },
  };
}

test('a stored request is genuine while its signature, its body and its name are those that were signed', async () => {
  const { request, key } = await signed();
  const keys = new Map([[key.kid, key]]);
  expect(await readRequest(request, keys)).toMatchObject({ outcome: 'GENUINE', withdrawnSince: undefined });
  const otherBody = Buffer.from('{"amount":"125000.01"}');
  const otherDigest = createHash('sha256').update(otherBody).digest();
  expect(await readRequest({ ...request, body: otherBody }, keys)).toEqual({ outcome: 'OTHER_BODY' });
  expect(await readRequest({ ...request, body: otherBody, digest: otherDigest }, keys)).toEqual({
    outcome: 'OTHER_BODY',
  });
  expect(await readRequest({ ...request, jti: 'request-9876543210' }, keys)).toEqual({ outcome: 'OTHER_REQUEST' });
  expect(await readRequest({ ...request, method: 'POST' }, keys)).toEqual({ outcome: 'OTHER_REQUEST' });
  expect(await readRequest(request, new Map())).toEqual({ outcome: 'UNKNOWN_KEY' });
});

test('a key that was withdrawn after the request still proves it, one that was withdrawn before does not', async () => {
  const { request, key } = await signed();
  const withdrawn = (at: string) => new Map([[key.kid, { ...key, withdrawnAt: new Date(at) }]]);
  expect(await readRequest(request, withdrawn('2026-03-02T00:00:00Z'))).toMatchObject({
    outcome: 'GENUINE',
    withdrawnSince: must(new Date('2026-03-02T00:00:00Z')),
  });
  expect(await readRequest(request, withdrawn('2026-02-28T00:00:00Z'))).toEqual({ outcome: 'KEY_NOT_VALID_THEN' });
});
