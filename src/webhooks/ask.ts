import type pg from 'pg';
import type { SignedRequest } from '../clients/client.ts';
import { keepRequest } from '../clients/keep-request.ts';
import type { Clock } from '../database/clock.ts';
import { inTransaction } from '../database/pool.ts';
import { digestOfAddress, newWebhookId, type WebhookAddress } from './webhook.ts';
import { endWebhooks, insertAskedWebhook, lockWebhooksOf, selectWebhooks } from './webhooks.sql.ts';

/** ASKED: two people of the bank have to register it. DONE: it is so. `replayed`: it was so already. */
export type AskOutcome = { outcome: 'ASKED' | 'DONE'; replayed: boolean } | { outcome: 'JTI_REUSED' };

/**
 * What a creditor asks for: another address waits for two people of the bank while the one before it goes on, and to
 * have none is done at once. The same again changes nothing.
 */
export async function askForWebhook(
  { pool, now }: Clock & { pool: pg.Pool },
  request: SignedRequest,
  wanted: WebhookAddress | undefined,
): Promise<AskOutcome> {
  const creditor = request.creditorCode;
  return inTransaction(pool, async (db) => {
    await lockWebhooksOf(db, creditor);
    const kept = await keepRequest(db, request);
    if (kept === 'REUSED') return { outcome: 'JTI_REUSED' };
    const { running, asked } = await selectWebhooks(db, creditor);
    if (wanted === undefined) {
      if (kept === 'NEW') await endWebhooks(db, creditor, 'ALL', { side: 'creditor', request });
      return { outcome: 'DONE', replayed: kept === 'SAME' || (running === undefined && asked === undefined) };
    }
    const digest = digestOfAddress(wanted);
    // It tells what is so now: what it asked for may have been withdrawn, or another have taken its place.
    if (kept === 'SAME')
      return { outcome: asked === undefined || running?.digest === digest ? 'DONE' : 'ASKED', replayed: true };
    if (asked !== undefined && asked.digest === digest) return { outcome: 'ASKED', replayed: true };
    // Also where it goes back to what runs: whatever waits is wanted no more.
    await endWebhooks(db, creditor, 'ASKED', { side: 'creditor', request });
    if (running?.digest === digest) return { outcome: 'DONE', replayed: true };
    const askedAt = now();
    const webhookId = newWebhookId(askedAt);
    await insertAskedWebhook(db, { ...wanted, webhookId, creditor, digest, askedAt }, request);
    return { outcome: 'ASKED', replayed: false };
  });
}
