import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { freshDatabase, type TestDatabase } from '../../test/database.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { type ApplyOutcome, decide } from '../approvals/decide.ts';
import { lookUpProposal } from '../approvals/look-up.ts';
import type { ProposalId } from '../approvals/proposal.ts';
import { type PrivateKey, readPrivateKey } from '../signing/private-key.ts';
import { makeStop } from '../stops/make-stop.ts';
import { parseCreditorCode } from '../values/ids.ts';
import { readClientCertificate } from './certificates.ts';
import { listCertificates, listSigningKeys, selectCreditor } from './creditors.sql.ts';
import { registerDevelopmentClients } from './development.ts';
import { signRegistration } from './registration-record.ts';
import { openRegistry } from './registry.ts';
import { applyRegistryChange, proposeRegistration, proposeWithdrawal, type RegistryChange } from './registry-change.ts';

const issuer = 'https://gateway.bank.example';
const now = new Date();
const cnas = parseCreditorCode('CNAS') ?? expect.fail();
const nadia = 'administrator-nadia';
const omar = 'administrator-omar';
const asking = { reason: 'New certificate for the year', by: nadia, from: '10.0.0.7', now };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-registry-'));
  await ensureDevelopmentCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function openBank() {
  const db = await freshDatabase();
  await registerDevelopmentClients(db.gateway, folder, { issuer, now });
  return db;
}

async function newCertificate(): Promise<Extract<RegistryChange, { kind: 'client.registration' }>> {
  const pem = await readFile(path.join(folder, 'unregistered.pem'), 'utf8');
  const read = readClientCertificate(pem);
  if (read.outcome === 'REFUSED') return expect.fail(read.fault);
  return { kind: 'client.registration', creditorCode: cnas, thumbprint: read.certificate.thumbprint, pem };
}

async function newKey(): Promise<Extract<RegistryChange, { kind: 'signing-key.registration' }>> {
  const pem = String(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const read = readPrivateKey(pem);
  const key: PrivateKey = read.outcome === 'REFUSED' ? expect.fail(read.detail) : read;
  return {
    ...{ kind: 'signing-key.registration', creditorCode: cnas, thumbprint: key.kid },
    publicKey: String(createPublicKey(pem).export({ type: 'spki', format: 'pem' })),
    registration: await signRegistration(key, { creditorCode: cnas, issuer, scopes: ['debits'], now }),
    ...{ validFrom: now, validUntil: new Date(now.getTime() + 86_400_000) },
  };
}

const proposed = (outcome: { outcome: string; proposalId?: ProposalId }): ProposalId =>
  outcome.proposalId ?? expect.fail(outcome.outcome);

async function approve(db: TestDatabase, proposalId: ProposalId, by = omar) {
  const seen = (await lookUpProposal(db.gateway, proposalId, 'ALL')) ?? expect.fail();
  const deciding = { proposalId, by, from: '10.0.0.8', agencies: 'ALL' as const, seenHash: seen.contentHash, now };
  const apply: Parameters<typeof decide>[2] = (client, proposal, approval): Promise<ApplyOutcome> =>
    applyRegistryChange(client, issuer, proposal, approval);
  const outcome = await decide(db.gateway, { ...deciding, decision: 'APPROVE' }, apply);
  return outcome.outcome === 'IMPOSSIBLE' ? outcome.why : outcome.outcome;
}

test('a certificate is registered, and withdrawn, only once another person has approved it', async () => {
  await using db = await openBank();
  const registry = openRegistry({ db: db.gateway, now: () => new Date() });
  const change = await newCertificate();
  const state = async () => {
    registry.forget();
    return (await registry.lookUp(change.thumbprint)).outcome;
  };
  const registration = proposed(await proposeRegistration(db.gateway, change, asking));
  expect(await approve(db, registration, nadia)).toBe('SAME_PERSON');
  expect(await state()).toBe('UNREGISTERED');
  expect(await approve(db, registration)).toBe('DECIDED');
  expect(await state()).toBe('REGISTERED');
  // Two are valid at once: the rotation.
  const valid = (await listCertificates(db.gateway, cnas)).filter(
    ({ notAfter, revokedAt }) => notAfter > now && !revokedAt,
  );
  expect(valid.map(({ withdrawnAt }) => withdrawnAt)).toEqual([undefined, undefined]);
  const withdrawal = { kind: 'client.withdrawal', creditorCode: cnas, thumbprint: change.thumbprint } as const;
  const leaving = proposed(await proposeWithdrawal(db.gateway, withdrawal, { ...asking, by: omar }));
  expect(await approve(db, leaving)).toBe('SAME_PERSON');
  expect(await state()).toBe('REGISTERED');
  expect(await approve(db, leaving, nadia)).toBe('DECIDED');
  expect(await state()).toBe('WITHDRAWN');
  const { rows } = await db.owner.query(
    `select kind, actor, detail ->> 'from' as from, detail ->> 'proposal' as proposal from journal
      where detail ->> 'thumbprint' = $1 order by entry_id`,
    [change.thumbprint],
  );
  expect(rows).toEqual([
    { kind: 'client.registered', actor: omar, from: '10.0.0.8', proposal: registration },
    { kind: 'client.withdrawn', actor: nadia, from: '10.0.0.8', proposal: leaving },
  ]);
});

test("a signing key is registered with the creditor's record byte for byte, by two people", async () => {
  await using db = await openBank();
  const change = await newKey();
  const proposalId = proposed(await proposeRegistration(db.gateway, change, asking));
  expect(await approve(db, proposalId)).toBe('DECIDED');
  expect((await listSigningKeys(db.gateway, cnas))[0]).toMatchObject({
    ...{ thumbprint: change.thumbprint, scopes: ['debits'], registration: change.registration },
    ...{ validFrom: change.validFrom, validUntil: change.validUntil },
  });
  const twice = proposed(await proposeRegistration(db.gateway, change, asking));
  expect(await approve(db, twice)).toBe('already-registered');
});

test('what was uploaded and is not what was seen any more registers nothing', async () => {
  await using db = await openBank();
  const proposalId = proposed(await proposeRegistration(db.gateway, await newKey(), asking));
  const other = { ...(await newKey()), kind: undefined };
  await expect(db.gateway.query("update registry_changes set body = '{}'")).rejects.toThrow('permission denied');
  await db.owner.query('update registry_changes set body = $1', [JSON.stringify(other)]);
  expect(await approve(db, proposalId)).toBe('lost');
});

test('the database itself registers nothing by a proposal of another kind, or that nobody else approved', async () => {
  await using db = await openBank();
  const { thumbprint } = await newCertificate();
  const withdrawal = { kind: 'client.withdrawal', creditorCode: cnas, thumbprint } as const;
  const proposalId = proposed(await proposeWithdrawal(db.gateway, withdrawal, asking));
  const insert = `insert into client_certificates
    (thumbprint, creditor_code, subject, issuer, serial_number, not_before, not_after, registered_as)
    values ($1, 'CNAS', 's', 'i', 'ab', now(), now() + interval '1 day', $2)`;
  await expect(db.gateway.query(insert, [thumbprint, proposalId])).rejects.toThrow('two people');
  expect(await approve(db, proposalId)).toBe('not-registered');
  await expect(db.gateway.query(insert, [thumbprint, proposalId])).rejects.toThrow('two people');
});

test("a creditor's collection account changes by two people, only while its debits are stopped and none is with the core", async () => {
  await using db = await openBank();
  const account = ribOf(4711);
  const change = { kind: 'creditor.account', creditorCode: cnas, collectionAccount: account } as const;
  const proposalId = proposed(await proposeRegistration(db.gateway, change, asking));
  expect(await approve(db, proposalId)).toBe('not-stopped');
  const stopping = { remark: 'New account', by: nadia, from: '10.0.0.7', now };
  await makeStop(db.gateway, { what: { scope: 'CREDITOR', creditor: cnas }, ...stopping });
  expect(await approve(db, proposalId)).toBe('DECIDED');
  expect((await selectCreditor(db.gateway, cnas))?.collectionAccount).toBe(account);
  const { rows } = await db.owner.query("select kind, actor from journal where kind = 'creditor.account-changed'");
  expect(rows).toEqual([{ kind: 'creditor.account-changed', actor: omar }]);
  const { rows: told } = await db.owner.query('select from journal where detail::text like $1', [`%${account}%`]);
  expect(told).toEqual([]);
});
