import * as jose from 'jose';
import type { Client, Reply } from '../src/commands/client.ts';
import { readSampleEmployers, type SampleEmployer } from '../src/commands/sample-employers.ts';
import { certifyMandate } from '../src/mandates/certify.ts';
import { enterMandate } from '../src/mandates/enter.ts';
import { submitMandate } from '../src/mandates/submit.ts';
import { formatAmount } from '../src/values/centimes.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import type { MandateId } from '../src/values/ids.ts';
import type { TestGateway } from './gateway.ts';

/** An event as a creditor's system keeps it. */
export type ReadEvent = { place: string; claims: Record<string, unknown>; token: string };
export type ReadPage = { events: ReadEvent[]; last: string; more: boolean; epochs: { epoch: number; last: number }[] };

export async function sampleEmployer(position = 1): Promise<SampleEmployer> {
  const employer = (await readSampleEmployers())[position];
  if (employer === undefined) throw new Error('no such sample employer');
  return employer;
}

/** A mandate of a sample employer's, certified by two people. */
export async function certified(
  { desk, db }: Pick<TestGateway, 'desk' | 'db'>,
  employer: SampleEmployer,
  creditor = 'CNAS',
): Promise<{ mandateId: MandateId; token: string }> {
  const today = algiersDay(desk.now());
  const typed = {
    creditor,
    employerNumber: employer.employerNumber,
    rib: employer.rib,
    nameFr: employer.nameFr,
    nameAr: employer.nameAr,
    perDebitCeiling: formatAmount(employer.perDebitCeiling),
    periodCeiling: formatAmount(employer.perMonthCeiling),
    period: 'MONTH',
    validFrom: today,
    validTo: addDays(today, 365),
  };
  const by = 'officer-amel';
  const from = '192.0.2.7';
  const entered = await enterMandate(desk, { typed, by, from });
  if (entered.outcome !== 'ENTERED') throw new Error(JSON.stringify(entered));
  const { mandateId, contentHash: seenHash } = entered;
  await submitMandate(desk, { mandateId, by, from });
  const done = await certifyMandate(desk, { mandateId, by: 'supervisor-karim', from, seenHash });
  if (done.outcome !== 'DONE') throw new Error(done.outcome);
  const { rows } = await db.owner.query<{ token: string }>(
    "select token from tokens where subject_id = $1 and kind = 'mandate-certificate+jwt'",
    [mandateId],
  );
  return { mandateId, token: rows[0]?.token ?? '' };
}

/** The same, accepted: it can be debited. */
export async function accepted(bank: TestGateway, client: Client, employer: SampleEmployer, creditor = 'CNAS') {
  const mandate = await certified(bank, employer, creditor);
  const reply = await client.put(`/v1/mandates/${mandate.mandateId}/acceptance`, { certificate: mandate.token });
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.json));
  return mandate;
}

export const orderOf = (mandateId: string, employer: SampleEmployer, amount: string, reference: string) => ({
  mandateId,
  employerNumber: employer.employerNumber,
  amount,
  currency: 'DZD',
  declaration: { reference, declaredAmount: amount },
});

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
