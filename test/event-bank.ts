import * as jose from 'jose';
import type { Client, Reply } from '../src/commands/client.ts';
import type { TestGateway } from './gateway.ts';

/** An event as a creditor's system keeps it. */
export type ReadEvent = { place: string; claims: Record<string, unknown>; token: string };
export type ReadPage = { events: ReadEvent[]; last: string; more: boolean; epochs: { epoch: number; last: number }[] };

export function pageOf(reply: Reply): ReadPage {
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.bytes.toString()}`);
  return JSON.parse(reply.bytes.toString());
}

/** Asks until there is no more: every event after a place. */
export async function readAll(client: Client, after = '0/0', limit = 100): Promise<ReadEvent[]> {
  const page = pageOf(await client.get(`/v1/events?after=${after}&limit=${limit}`));
  return page.more ? [...page.events, ...(await readAll(client, page.last, limit))] : page.events;
}

/** Reads on until an event of that kind has come, each call waiting for the next one. */
export async function readUntil(client: Client, kind: string, after = '0/0'): Promise<ReadEvent[]> {
  const page = pageOf(await client.get(`/v1/events?after=${after}&wait=20`));
  if (page.events.length === 0) throw new Error(`no ${kind} came`);
  const found = page.events.some(({ claims }) => claims.kind === kind);
  return found ? page.events : [...page.events, ...(await readUntil(client, kind, page.last))];
}

/** Verifies an event as a creditor would, with a library that is not ours and the bank's public keys. */
export async function verifyEvent(bank: TestGateway, token: string, keys?: jose.JSONWebKeySet) {
  const set = keys ?? (await publicKeys(bank));
  const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(set), {
    issuer: bank.config.issuer,
    audience: 'CNAS',
    typ: 'event+jwt',
    algorithms: ['ES256'],
  });
  return { payload, protectedHeader };
}

/** The public door's key set, asked for without a client certificate. */
export async function publicKeys(bank: TestGateway): Promise<jose.JSONWebKeySet> {
  const client = bank.clientOf('cnas');
  const reply = await client.get(`${bank.gateway.publicOrigin}/.well-known/jwks.json`);
  return JSON.parse(reply.bytes.toString());
}
