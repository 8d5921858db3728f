import { createLocalJWKSet, jwtVerify } from 'jose';
import request from 'supertest';
import { expect, test } from 'vitest';
import { problems } from '../src/contract/problems.ts';
import { openTestGateway } from './gateway.ts';

test('a gateway says that it lives and is ready, and counts what it answers', async () => {
  await using bank = await openTestGateway();
  expect((await bank.clientOf('cnas').get('/v1/connection')).status).toBe(200);
  const operations = request(bank.gateway.operationsOrigin);
  await operations.get('/livez').expect(200);
  const ready = await operations.get('/readyz').expect(200);
  expect(ready.body).toMatchObject({
    ready: true,
    checks: { database: 'ready', ledger: 'ready', migrations: 'ready', keys: 'ready' },
  });
  const { text } = await operations.get('/metrics').expect(200);
  expect(text).toMatch(/^http_requests_total\{operation="getConnection",status="200"\} 1$/m);
  for (const name of [
    'debits_in_doubt',
    'contradictions_open',
    'clock_skew_seconds',
    'certificate_expiry_timestamp_seconds',
    'database_pool_connections',
  ])
    expect(text).toContain(`# TYPE ${name} gauge`);
});

test('a creditor that has read further than the journal goes is counted: the database may have been put back', async () => {
  await using bank = await openTestGateway();
  const answer = await bank.clientOf('cnas').get('/v1/events?after=1/999999');
  expect(String(answer.json?.type).split('/').at(-1)).toBe('event-place-ahead');
  const { text } = await request(bank.gateway.operationsOrigin).get('/metrics').expect(200);
  expect(text).toMatch(/^event_places_ahead_total\{creditor="CNAS"\} 1$/m);
});

test('a problem’s type is the address of its page, and the public door shows the keys that verify what was signed', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const missing = await cnas.get('/v1/debits/NONE');
  const page = new URL(String(missing.json?.type));
  expect(page.origin).toBe(bank.gateway.publicOrigin);
  const door = request(bank.gateway.publicOrigin);
  const html = await door.get(page.pathname).disableTLSCerts().expect(200);
  expect(html.text).toContain(problems['debit-not-found'].title);

  const verdict = await cnas.post(
    '/v1/mandate-verifications',
    Buffer.from('{"certificate":"a.b.c"}'),
    'application/json',
  );
  const { body: keys } = await door.get('/.well-known/jwks.json').disableTLSCerts().expect(200);
  const verified = await jwtVerify(String(verdict.json?.verdict), createLocalJWKSet(keys), {
    issuer: bank.config.issuer,
    audience: 'CNAS',
    typ: 'mandate-verification+jwt',
  });
  expect(verified.payload).toMatchObject({ status: 'INVALID' });
});

test('a certificate that is withdrawn is cut off on its open connection', async () => {
  await using bank = await openTestGateway();
  const cnas = bank.clientOf('cnas');
  const before = await cnas.get('/v1/connection');
  const certificate = before.json?.certificate as { thumbprint: string };
  await bank.db.gateway.query('update client_certificates set withdrawn_at = clock_timestamp() where thumbprint = $1', [
    certificate.thumbprint,
  ]);
  bank.gateway.registry.forget();
  const after = await cnas.get('/v1/connection');
  expect([after.status, after.json?.type]).toEqual([
    403,
    `${bank.gateway.publicOrigin}/problems/certificate-withdrawn`,
  ]);
  for (const name of ['unregistered', 'revoked'])
    expect((await bank.clientOf(name, 'CNAS').get('/v1/connection')).status).toBe(403);
  await expect(bank.clientOf('expired', 'CNAS').get('/v1/connection')).rejects.toThrow();
});
