import type { Queryable } from '../database/queryable.ts';
import { type EventPlace, readSoFar } from '../journal/feed.ts';
import type { CreditorCode } from '../values/ids.ts';
import { countDeliveries } from './deliveries.sql.ts';
import type { WebhookStanding } from './webhook.ts';
import { selectWebhooks } from './webhooks.sql.ts';

/** A creditor's webhook, how far it has read its feed, and how many events wait to be pushed (counted to 100,000). */
export type WebhookView = { standing: WebhookStanding; read: EventPlace; waiting: number };

export async function lookUpWebhook(db: Queryable, creditor: CreditorCode): Promise<WebhookView> {
  const standing = await selectWebhooks(db, creditor);
  const { waiting } = await countDeliveries(db, creditor);
  return { standing, read: await readSoFar(db, creditor), waiting: standing.running === undefined ? 0 : waiting };
}
