import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Branded } from '../values/branded.ts';
import { type CreditorCode, isUuidV7, uuidV7 } from '../values/ids.ts';

/** UUIDv7. */
export type WebhookId = Branded<string, 'WebhookId'>;

export const parseWebhookId = (text: string): WebhookId | undefined =>
  isUuidV7(text) ? (text as WebhookId) : undefined;

export const newWebhookId = (now: Date): WebhookId => uuidV7(now) as WebhookId;

/** An https address on a name: what it resolves to is looked at each time that it is connected to. */
export type WebhookUrl = Branded<string, 'WebhookUrl'>;

export function parseWebhookUrl(text: string): WebhookUrl | undefined {
  if (text.length > 500 || !/^https:\/\/[a-z0-9.-]{1,253}(:[1-9]\d{0,4})?(\/[!-"$-~]*)?$/.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const { hostname, username, password, hash } = new URL(text);
  // Also 127.1 and 0x7f000001, which are numbers only after they were read.
  const isName = isIP(hostname) === 0 && !hostname.startsWith('[') && !hostname.endsWith('.') && hostname.length > 0;
  return isName && username === '' && password === '' && hash === '' ? (text as WebhookUrl) : undefined;
}

/** The certificates of a PEM text, in their order; undefined where it is anything else, or holds none of an authority. */
export function readAuthorities(pem: string): X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > 20) return undefined;
  if (pem.replace(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g, '').trim() !== '')
    return undefined;
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return certificates.every(({ ca }) => ca) ? certificates : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Where a creditor wants its events pushed. `authorities`: of the receiver's certificate, PEM. */
export type WebhookAddress = { url: WebhookUrl; authorities: string | undefined };

/** SHA-256, in hexadecimal: what two people have seen is what is registered. */
export const digestOfAddress = ({ url, authorities }: WebhookAddress): string =>
  createHash('sha256')
    .update(JSON.stringify([url, authorities ?? null]))
    .digest('hex');

export type AskedWebhook = WebhookAddress & {
  webhookId: WebhookId;
  creditor: CreditorCode;
  digest: string;
  askedAt: Date;
};

export type RunningWebhook = AskedWebhook & {
  state: 'ACTIVE' | 'PAUSED';
  stateSince: Date;
  registeredAt: Date;
  failures: number;
  probeAt: Date | undefined;
  receivedAt: Date | undefined;
  triedAt: Date | undefined;
  answer: string | undefined;
};

/** What a creditor has: an address to which events go, and one that waits for two people. */
export type WebhookStanding = { running: RunningWebhook | undefined; asked: AskedWebhook | undefined };
