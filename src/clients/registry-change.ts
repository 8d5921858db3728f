import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { ApplyOutcome, Approval } from '../approvals/decide.ts';
import type { Proposal } from '../approvals/proposal.ts';
import { type ProposeOutcome, propose } from '../approvals/propose.ts';
import type { Queryable } from '../database/queryable.ts';
import { holdStill } from '../stops/stillness.ts';
import { type CreditorCode, parseCreditorCode, uuidV7 } from '../values/ids.ts';
import { parseRib, type Rib } from '../values/rib.ts';
import { registerCertificate } from './certificates.ts';
import {
  type Creditor,
  insertCreditor,
  type RegistrationOutcome,
  type RegistryAct,
  withdrawCertificate,
  withdrawSigningKey,
} from './clients.sql.ts';
import { insertRegistryChange, selectRegistryChange, updateCollectionAccount } from './registry-changes.sql.ts';
import { registerSigningKey } from './signing-keys.ts';

/** What an administrator wants registered: kept whole, since the proposal holds codes and digests only. */
export type RegistryChange =
  | ({ kind: 'creditor.registration' } & Creditor)
  | { kind: 'creditor.account'; creditorCode: CreditorCode; collectionAccount: Rib }
  | { kind: 'client.registration'; creditorCode: CreditorCode; thumbprint: string; pem: string }
  | {
      kind: 'signing-key.registration';
      creditorCode: CreditorCode;
      thumbprint: string;
      publicKey: string;
      registration: string;
      validFrom: Date;
      validUntil: Date;
    };

/** What is taken out of use for ever. */
export type RegistryWithdrawal = {
  kind: 'client.withdrawal' | 'signing-key.withdrawal';
  creditorCode: CreditorCode;
  thumbprint: string;
};

export const registryKinds = [
  ...['creditor.registration', 'creditor.account', 'client.registration', 'client.withdrawal'],
  ...['signing-key.registration', 'signing-key.withdrawal'],
] as const;

type Asking = { reason: string; by: string; from: string; now: Date };

/** Asks for a registration: what was uploaded is kept, and another person is to approve it. */
export async function proposeRegistration(
  db: Queryable,
  { kind, ...change }: RegistryChange,
  asking: Asking,
): Promise<ProposeOutcome> {
  const { creditorCode } = change;
  const changeId = uuidV7(asking.now);
  const body = JSON.stringify(change);
  const digest = digestOf(body);
  await insertRegistryChange(db, { changeId, creditorCode, body, digest, by: asking.by });
  const subjectId = 'thumbprint' in change ? change.thumbprint : creditorCode;
  const content = { change: changeId, digest, creditor: creditorCode };
  return propose(db, { ...asking, kind, subjectId, agencyCode: undefined, content });
}

export async function proposeWithdrawal(
  db: Queryable,
  { kind, creditorCode, thumbprint }: RegistryWithdrawal,
  asking: Asking,
): Promise<ProposeOutcome> {
  const content = { creditor: creditorCode };
  return propose(db, { ...asking, kind, subjectId: thumbprint, agencyCode: undefined, content });
}

/** Does what was approved, in the transaction of its approval. `issuer` is the bank's issuer URL. */
export async function applyRegistryChange(
  db: pg.PoolClient,
  issuer: string,
  proposal: Proposal,
  { by, from, now }: Approval,
): Promise<ApplyOutcome> {
  const act: RegistryAct = { by, from, proposalId: proposal.proposalId };
  const thumbprint = proposal.subjectId ?? '';
  if (proposal.kind === 'client.withdrawal') return withdrawn(await withdrawCertificate(db, thumbprint, act));
  if (proposal.kind === 'signing-key.withdrawal') return withdrawn(await withdrawSigningKey(db, thumbprint, act));
  const change = await registryChangeOf(db, proposal);
  switch (change?.kind) {
    case undefined:
      return impossible('lost');
    case 'creditor.registration':
      return registered(await insertCreditor(db, change, act));
    case 'creditor.account':
      return changeAccount(db, change, act);
    case 'client.registration':
      return registered((await registerCertificate(db, { ...change, ...act })).outcome);
    case 'signing-key.registration':
      return registered((await registerSigningKey(db, { ...change, ...act, issuer, now })).outcome);
  }
}

/** What a proposal would register, if what was kept is still what was seen. */
export async function registryChangeOf(
  db: Queryable,
  { kind, content }: Pick<Proposal, 'kind' | 'content'>,
): Promise<RegistryChange | undefined> {
  const row = typeof content.change === 'string' ? await selectRegistryChange(db, content.change) : undefined;
  if (row === undefined || row.digest !== content.digest || digestOf(row.body) !== content.digest) return undefined;
  return changeFrom(kind, JSON.parse(row.body));
}

/** Where the creditor's money goes changes only while none of it is on its way: what is in doubt names the old account. */
async function changeAccount(
  db: pg.PoolClient,
  change: Extract<RegistryChange, { kind: 'creditor.account' }>,
  act: RegistryAct,
): Promise<ApplyOutcome> {
  const stillness = await holdStill(db, change.creditorCode);
  if (stillness !== 'STILL') return impossible(stillness === 'NOT_STOPPED' ? 'not-stopped' : 'under-way');
  return (await updateCollectionAccount(db, change, act)) ? applied : impossible('unknown-creditor');
}

const applied: ApplyOutcome = { outcome: 'APPLIED' };
const impossible = (why: string): ApplyOutcome => ({ outcome: 'IMPOSSIBLE', why });

function registered(outcome: RegistrationOutcome | 'REFUSED'): ApplyOutcome {
  switch (outcome) {
    case 'REGISTERED':
      return applied;
    case 'ALREADY_REGISTERED':
      return impossible('already-registered');
    case 'UNKNOWN_CREDITOR':
      return impossible('unknown-creditor');
    case 'REFUSED':
      return impossible('refused');
  }
}

const withdrawn = (outcome: 'WITHDRAWN' | 'NOT_REGISTERED'): ApplyOutcome =>
  outcome === 'WITHDRAWN' ? applied : impossible('not-registered');

const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** Reads what `proposeRegistration` wrote; undefined where it is none of that kind. */
function changeFrom(kind: string, body: Readonly<Record<string, unknown>>): RegistryChange | undefined {
  const text = (name: string): string => {
    const value = body[name];
    return typeof value === 'string' ? value : '';
  };
  const creditorCode = parseCreditorCode(text('creditorCode'));
  const collectionAccount = parseRib(text('collectionAccount'));
  const thumbprint = text('thumbprint');
  if (creditorCode === undefined) return undefined;
  switch (kind) {
    case 'creditor.registration':
      if (collectionAccount === undefined) return undefined;
      return { kind, creditorCode, nameFr: text('nameFr'), nameAr: text('nameAr'), collectionAccount };
    case 'creditor.account':
      return collectionAccount && { kind, creditorCode, collectionAccount };
    case 'client.registration':
      return { kind, creditorCode, thumbprint, pem: text('pem') };
    case 'signing-key.registration':
      return {
        ...{ kind, creditorCode, thumbprint, publicKey: text('publicKey'), registration: text('registration') },
        ...{ validFrom: new Date(text('validFrom')), validUntil: new Date(text('validUntil')) },
      };
    default:
      return undefined;
  }
}
