import type { Queryable } from '../database/queryable.ts';
import { type EventPlace, readSoFar } from '../journal/feed.ts';
import type { CreditorCode } from '../values/ids.ts';
import { countDeliveries } from './delivery-lists.sql.ts';
import type { WebhookStanding } from './webhook.ts';
import { selectAllWebhooks, selectWebhooks } from './webhooks.sql.ts';

export { retryDeliveries } from './deliveries.sql.ts';
export { type DeliveryLine, type DeliveryState, listDeliveries } from './delivery-lists.sql.ts';

/** A creditor's webhook, how far it has read its feed, and how many events wait to be pushed, counted up to a limit. */
export type WebhookView = { standing: WebhookStanding; read: EventPlace; waiting: number };

export async function lookUpWebhook(db: Queryable, creditor: CreditorCode, countedTo: number): Promise<WebhookView> {
  const standing = await selectWebhooks(db, creditor);
  const { waiting } = await countDeliveries(db, creditor, countedTo);
  return { standing, read: await readSoFar(db, creditor), waiting: standing.running === undefined ? 0 : waiting };
}

/** Every creditor that has one, or has asked for one. */
export async function lookUpWebhooks(
  db: Queryable,
  countedTo: number,
): Promise<{ creditor: CreditorCode; standing: WebhookStanding; waiting: number; dead: number }[]> {
  const all = await selectAllWebhooks(db);
  return Promise.all(all.map(async (one) => ({ ...one, ...(await countDeliveries(db, one.creditor, countedTo)) })));
}
