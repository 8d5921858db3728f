import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import type { EventPlace } from '../journal/feed.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { AskedWebhook, RunningWebhook, WebhookId, WebhookStanding, WebhookUrl } from './webhook.ts';

type Row = {
  webhook_id: WebhookId;
  creditor_code: CreditorCode;
  url: WebhookUrl;
  authorities: string | null;
  digest: string;
  asked_at: Date;
  state: 'ASKED' | 'ACTIVE' | 'PAUSED' | 'ENDED';
  state_since: Date;
  registered_at: Date | null;
  failures: number;
  probe_at: Date | null;
  received_at: Date | null;
  tried_at: Date | null;
  answer: string | null;
};

const columns = `webhook_id, creditor_code, url, authorities, digest, asked_at, state, state_since, registered_at, failures,
  probe_at, received_at, tried_at, answer`;

/** Everyone who changes a creditor's webhooks takes this first, so that one change follows on another. */
export async function lockWebhooksOf(db: Queryable, creditor: CreditorCode): Promise<void> {
  await db.query({
    name: 'lock-webhooks-of',
    text: 'select from creditors where creditor_code = $1 for no key update',
    values: [creditor],
  });
}

export async function selectWebhooks(db: Queryable, creditor: CreditorCode): Promise<WebhookStanding> {
  const { rows } = await db.query<Row>({
    name: 'select-webhooks',
    text: `select ${columns} from webhooks where creditor_code = $1 and state <> 'ENDED'`,
    values: [creditor],
  });
  const asked = rows.find(({ state }) => state === 'ASKED');
  const [running] = rows.flatMap(runningOf);
  return { running, asked: asked && askedOf(asked) };
}

/** Every creditor that has a webhook, by its code. */
export async function selectAllWebhooks(
  db: Queryable,
): Promise<{ creditor: CreditorCode; standing: WebhookStanding }[]> {
  const { rows } = await db.query<Row>({
    name: 'select-all-webhooks',
    text: `select ${columns} from webhooks where state <> 'ENDED' order by creditor_code`,
  });
  const creditors = [...new Set(rows.map((row) => row.creditor_code))];
  return creditors.map((creditor) => {
    const own = rows.filter((row) => row.creditor_code === creditor);
    const asked = own.find(({ state }) => state === 'ASKED');
    return { creditor, standing: { running: own.flatMap(runningOf)[0], asked: asked && askedOf(asked) } };
  });
}

/** One as it was asked for, whatever became of it. */
export async function selectWebhook(db: Queryable, webhookId: WebhookId): Promise<AskedWebhook | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-webhook',
    text: `select ${columns} from webhooks where webhook_id = $1`,
    values: [webhookId],
  });
  return rows.map(askedOf)[0];
}

/** Who ends or asks: the creditor by a signed request, or the bank by an approval. */
export type WebhookActor =
  | { side: 'creditor'; request: SignedRequest }
  | { side: 'bank'; by: string; from: string; proposalId: string };

const actorValues = (actor: WebhookActor) =>
  actor.side === 'creditor'
    ? ['creditor', actor.request.keyThumbprint, actor.request.jti, JSON.stringify({})]
    : ['bank', actor.by, null, JSON.stringify({ from: actor.from, proposal: actor.proposalId })];

/**
 * Ends what runs (ACTIVE, PAUSED) or what is asked for, with the journal row of what ran. Answers from which place on
 * events were pushed to what ran.
 */
export async function endWebhooks(
  db: Queryable,
  creditor: CreditorCode,
  what: 'ASKED' | 'RUNNING' | 'ALL',
  actor: WebhookActor,
): Promise<EventPlace | undefined> {
  const states = { ASKED: ['ASKED'], RUNNING: ['ACTIVE', 'PAUSED'], ALL: ['ASKED', 'ACTIVE', 'PAUSED'] }[what];
  const { rows } = await db.query<{ from_epoch: number; from_sequence: string }>({
    name: 'end-webhooks',
    text: `
      with held as (
        select webhook_id, creditor_code, state, from_epoch, from_sequence from webhooks
         where creditor_code = $1 and state = any ($2::text[]) for update
      ), ended as (
        update webhooks set state = 'ENDED', state_since = clock_timestamp()
          from held where webhooks.webhook_id = held.webhook_id
      ), told as (
        insert into journal (creditor_code, kind, subject_id, side, actor, request_jti, detail)
        select creditor_code, 'webhook.ended', webhook_id, $3, $4, $5, $6::jsonb from held where state <> 'ASKED'
      )
      select from_epoch, from_sequence from held where state <> 'ASKED'`,
    values: [creditor, states, ...actorValues(actor)],
  });
  return rows.map((row) => ({ epoch: row.from_epoch, sequence: Number(row.from_sequence) }))[0];
}

/** Keeps what is asked for, with the journal row: nothing is pushed to it yet. */
export async function insertAskedWebhook(
  db: Queryable,
  { webhookId, creditor, url, authorities, digest, askedAt }: AskedWebhook,
  request: SignedRequest,
): Promise<void> {
  await db.query({
    name: 'insert-asked-webhook',
    text: `
      with asked as (
        insert into webhooks (webhook_id, creditor_code, url, authorities, digest, asked_at, request_jti, state, state_since)
        values ($1, $2, $3, $4, $5, $6, $7, 'ASKED', $6)
        returning webhook_id, creditor_code
      )
      insert into journal (creditor_code, kind, subject_id, side, actor, request_jti)
      select creditor_code, 'webhook.asked', webhook_id, 'creditor', $8, $7 from asked`,
    values: [webhookId, creditor, url, authorities ?? null, digest, askedAt, request.jti, request.keyThumbprint],
  });
}

/**
 * Registers what is asked for, where it is still what was seen. Pushes begin where those of the one before it did, that
 * has ended just now; else with what happens from now on.
 */
export async function registerWebhook(
  db: Queryable,
  { webhookId, digest }: Pick<AskedWebhook, 'webhookId' | 'digest'>,
  before: EventPlace | undefined,
  actor: Extract<WebhookActor, { side: 'bank' }>,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'register-webhook',
    text: `
      with asked as (
        select webhook_id, creditor_code from webhooks where webhook_id = $1 and state = 'ASKED' and digest = $2
      ), place as (
        select epoch, last from event_counts join asked using (creditor_code) order by epoch desc limit 1
      ), registered as (
        update webhooks w
           set state = 'ACTIVE', state_since = clock_timestamp(), registered_at = clock_timestamp(),
               from_epoch = coalesce($6::int, (select epoch from place), 0),
               from_sequence = coalesce($7::bigint, (select last from place), 0)
          from asked where w.webhook_id = asked.webhook_id
        returning w.webhook_id, w.creditor_code
      )
      insert into journal (creditor_code, kind, subject_id, side, actor, detail)
      select creditor_code, 'webhook.registered', webhook_id, $3, $4, $5::jsonb from registered`,
    values: [
      ...[webhookId, digest, 'bank', actor.by, JSON.stringify({ from: actor.from, proposal: actor.proposalId })],
      ...[before?.epoch ?? null, before?.sequence ?? null],
    ],
  });
  return rowCount === 1;
}

const askedOf = (row: Row): AskedWebhook => ({
  webhookId: row.webhook_id,
  creditor: row.creditor_code,
  url: row.url,
  authorities: row.authorities ?? undefined,
  digest: row.digest,
  askedAt: row.asked_at,
});

const runningOf = (row: Row): RunningWebhook[] =>
  row.state === 'ASKED' || row.state === 'ENDED' || row.registered_at === null
    ? []
    : [
        {
          ...askedOf(row),
          state: row.state,
          stateSince: row.state_since,
          registeredAt: row.registered_at,
          failures: row.failures,
          probeAt: row.probe_at ?? undefined,
          receivedAt: row.received_at ?? undefined,
          triedAt: row.tried_at ?? undefined,
          answer: row.answer ?? undefined,
        },
      ];
