import type pg from 'pg';
import type { Apply } from '../approvals/decide.ts';
import type { Proposal } from '../approvals/proposal.ts';
import { type ProposeOutcome, propose } from '../approvals/propose.ts';
import type { Queryable } from '../database/queryable.ts';
import { holdNumbering } from '../journal/number.ts';
import { parseCreditorCode } from '../values/ids.ts';
import { type AskedWebhook, digestOfAddress, parseWebhookId, type WebhookId } from './webhook.ts';
import { endWebhooks, lockWebhooksOf, registerWebhook, selectWebhook } from './webhooks.sql.ts';

/** The kind of the proposal: the creditor has asked, two people of the bank register it. */
export const webhookRegistration = 'webhook.registration';

export async function proposeWebhook(
  db: Queryable,
  { webhookId, creditor, digest }: AskedWebhook,
  asking: { reason: string; by: string; from: string; now: Date },
): Promise<ProposeOutcome> {
  const content = { creditor, webhook: webhookId, digest };
  return propose(db, { ...asking, kind: webhookRegistration, subjectId: webhookId, agencyCode: undefined, content });
}

/** What a proposal would register, or has, if it is what was seen. */
export async function askedWebhookOf(
  db: Queryable,
  { subjectId, content }: Pick<Proposal, 'subjectId' | 'content'>,
): Promise<AskedWebhook | undefined> {
  const webhookId: WebhookId | undefined = parseWebhookId(subjectId ?? '');
  const asked = webhookId && (await selectWebhook(db, webhookId));
  return asked !== undefined && asked.digest === content.digest && digestOfAddress(asked) === content.digest
    ? asked
    : undefined;
}

/** Registers it in the transaction of its approval: the address before it ends, and what waits for that goes to this one. */
export const applyWebhook: Apply = async (db: pg.PoolClient, proposal, { by, from }) => {
  const creditor = parseCreditorCode(String(proposal.content.creditor ?? ''));
  if (creditor === undefined) return { outcome: 'IMPOSSIBLE', why: 'asked-no-more' };
  await lockWebhooksOf(db, creditor);
  const asked = await askedWebhookOf(db, proposal);
  if (asked === undefined) return { outcome: 'IMPOSSIBLE', why: 'asked-no-more' };
  const actor = { side: 'bank', by, from, proposalId: proposal.proposalId } as const;
  await holdNumbering(db);
  const before = await endWebhooks(db, creditor, 'RUNNING', actor);
  const registered = await registerWebhook(db, asked, before, actor);
  return registered ? { outcome: 'APPLIED' } : { outcome: 'IMPOSSIBLE', why: 'asked-no-more' };
};
