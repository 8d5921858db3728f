import type pg from 'pg';
import type { components } from '../contract/generated.ts';
import type { Handlers } from '../contract/handler.ts';
import { malformed, problem } from '../contract/problem.ts';
import type { Clock } from '../database/clock.ts';
import { placeText } from '../journal/event-token.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import type { CreditorCode } from '../values/ids.ts';
import { askForWebhook } from './ask.ts';
import { lookUpWebhook, type WebhookView } from './look-up.ts';
import { parseWebhookUrl, readAuthorities, type WebhookAddress } from './webhook.ts';

type Resource = components['schemas']['Webhook'];

/** As the contract says of `waiting`. */
const countedTo = 100_000;

export type WebhookRouteParts = { db: pg.Pool; clock: Clock };

export function webhookRoutes({ db, clock }: WebhookRouteParts): Handlers<'getWebhook' | 'putWebhook'> {
  const resource = async (creditor: CreditorCode) => webhookResource(await lookUpWebhook(db, creditor, countedTo));
  return {
    async getWebhook({ client }) {
      return { status: 200, body: await resource(client.creditorCode) };
    },

    async putWebhook({ client, body, request }) {
      const asked = await askForWebhook({ pool: db, now: clock.now }, request, addressIn(body));
      switch (asked.outcome) {
        case 'JTI_REUSED':
          return problem('jti-reused', 'The jti of this signature was seen with another body');
        case 'ASKED':
          return {
            status: 202,
            headers: { Location: '/v1/webhook', 'Retry-After': '3600' },
            body: await resource(client.creditorCode),
          };
        case 'DONE':
          return {
            status: 200,
            headers: asked.replayed ? { 'Idempotent-Replayed': 'true' } : {},
            body: await resource(client.creditorCode),
          };
      }
    },
  };
}

function addressIn(body: components['schemas']['WebhookRequest']): WebhookAddress | undefined {
  const { active, url, certificateAuthorities: authorities } = body;
  if (!active) return undefined;
  const read = parseWebhookUrl(url ?? malformed('/url', 'needed where active is true'));
  if (read === undefined) malformed('/url', 'not an https address on a name');
  if (authorities !== undefined && readAuthorities(authorities) === undefined)
    malformed('/certificateAuthorities', 'not certificates of authorities in PEM');
  return { url: read, authorities };
}

function webhookResource({ standing: { running, asked }, read, waiting }: WebhookView): Resource {
  return {
    state: running?.state ?? 'NONE',
    ...(running && {
      url: running.url,
      registeredAt: formatInstant(running.registeredAt),
      registeredOn: algiersDay(running.registeredAt),
    }),
    ...(running?.state === 'PAUSED' && {
      pausedAt: formatInstant(running.stateSince),
      pausedOn: algiersDay(running.stateSince),
    }),
    ...(running?.receivedAt && {
      receivedAt: formatInstant(running.receivedAt),
      receivedOn: algiersDay(running.receivedAt),
    }),
    ...(running?.triedAt && { triedAt: formatInstant(running.triedAt), triedOn: algiersDay(running.triedAt) }),
    ...(running?.answer !== undefined && { lastAnswer: running.answer }),
    ...(asked && {
      asked: { url: asked.url, askedAt: formatInstant(asked.askedAt), askedOn: algiersDay(asked.askedAt) },
    }),
    read: placeText(read),
    waiting,
  };
}
