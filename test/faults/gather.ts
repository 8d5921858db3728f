import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Client } from '../../src/commands/client.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { toldKinds } from '../../src/journal/events.ts';
import { centimesFromDatabase } from '../../src/values/centimes.ts';
import {
  type CoreReference,
  type CreditorCode,
  coreReferenceOf,
  parseEndToEndId,
  reversalReferenceOf,
} from '../../src/values/ids.ts';
import { amountOf, must } from '../bank.ts';
import { type TokenMember, type Told, tokenMembers } from '../kill/load.ts';
import type { CoreBank } from './core-bank.ts';
import type { Pushed } from './receiver.ts';
import type { Event, Events, Proof, Remembered, Sources, Stored } from './sources.ts';

export type Gathering = {
  coreBank: Pick<CoreBank, 'books'>;
  database: Queryable;
  told: ReadonlyMap<string, Told>;
  /** Each creditor's own account, as it knows it. */
  collections: ReadonlyMap<string, string>;
  /** What each receiver took, and up to which event all was to be pushed to it. */
  pushed: ReadonlyMap<CreditorCode, { pushes: readonly Pushed[]; through: number }>;
  clients: ReadonlyMap<CreditorCode, Client>;
  keys: JSONWebKeySet;
  issuer: string;
};

/** By a library that is not ours, with nothing but the public keys. */
type Verify = (token: string, typ: string, audience: string) => Promise<boolean>;

/** The four sources as they are at the end: the bus's books, the database, what was proven, what the client remembers. */
export async function gather(parts: Gathering): Promise<Sources> {
  const { coreBank, database, told, collections, keys, issuer } = parts;
  const known = createLocalJWKSet(keys);
  const verify: Verify = (token, typ, audience) =>
    jwtVerify(token, known, { issuer, typ, audience }).then(
      () => true,
      () => false,
    );
  const books = (await coreBank.books()).flatMap(({ reference, kind, outcome, amount, ...book }) =>
    outcome === 'MOVED' && kind !== null && amount !== null
      ? [{ ...book, reference: String(reference), kind, amount: BigInt(amountOf(amount)) }]
      : [],
  );
  return {
    books,
    stored: await storedDebits(database),
    proofs: await proofsOf(parts, verify),
    remembered: [...told.values()].map((one) => rememberedOf(one, collections)),
    events: await Promise.all(
      [...parts.clients].map(([creditor, client]) => eventsOf(parts, verify, creditor, client)),
    ),
    ...(await statementsOf(database, verify)),
  };
}

function rememberedOf(one: Told, collections: ReadonlyMap<string, string>): Remembered {
  const { creditor, terms, asked, paid, ends, reversalEnds } = one;
  const name = must(parseEndToEndId(one.endToEndId));
  return {
    creditor,
    reference: coreReferenceOf(creditor, name),
    amounts: [...(paid.size > 0 ? paid : asked)].map((amount) => BigInt(amountOf(amount))),
    debtor: terms.debtor,
    collection: must(collections.get(creditor)),
    declaration: terms.declaration,
    declared: BigInt(amountOf(terms.declared)),
    ends: [...ends],
    reversal: reversalEnds && { reference: reversalReferenceOf(creditor, name, 1), ends: [...reversalEnds] },
  };
}

async function storedDebits(database: Queryable): Promise<Stored[]> {
  const { rows } = await database.query<Stored>({
    text: 'select creditor_code as creditor, core_reference as reference, state from debits',
  });
  return rows;
}

const kinds = {
  receipt: { typ: 'acceptance-receipt+jwt', says: 'RECEIVED' },
  confirmation: { typ: 'settlement-confirmation+jwt', says: 'SETTLED' },
  rejection: { typ: 'debit-rejection+jwt', says: 'REJECTED' },
  reversal: { typ: 'reversal-confirmation+jwt', says: 'REVERSED' },
} as const satisfies Record<TokenMember, { typ: string; says: Proof['says'] }>;

type Shown = { creditor: CreditorCode; endToEndId: string; member: TokenMember; token: string };

/** Every token of a debit that anyone was shown or that is stored, each once, with the name that it stands under. */
async function proofsOf({ database, told }: Gathering, verify: Verify): Promise<Proof[]> {
  const { rows } = await database.query<Omit<Shown, 'member'> & { kind: string }>({
    text: `select d.creditor_code as creditor, d.end_to_end_id as "endToEndId", t.kind, t.token
             from tokens t join debits d on d.debit_id = t.subject_id`,
  });
  const stored = rows.flatMap(({ kind, ...row }): Shown[] =>
    tokenMembers.filter((member) => kinds[member].typ === kind).map((member) => ({ ...row, member })),
  );
  const shown = [...told.values()].flatMap(({ creditor, endToEndId, tokens }) =>
    tokenMembers.flatMap((member) =>
      [...tokens[member]].map((token): Shown => ({ creditor, endToEndId, member, token })),
    ),
  );
  const each = new Map([...stored, ...shown].map((one) => [`${one.creditor} ${one.endToEndId} ${one.token}`, one]));
  return Promise.all([...each.values()].map((one) => proofOf(one, verify)));
}

async function proofOf({ creditor, endToEndId, member, token }: Shown, verify: Verify): Promise<Proof> {
  const { typ, says } = kinds[member];
  const claims = decodeJwt(token);
  const name = must(parseEndToEndId(endToEndId));
  return {
    ...{ says, creditor, jti: String(claims.jti), amount: BigInt(amountOf(String(claims.amount))) },
    reference:
      says === 'REVERSED'
        ? reversalReferenceOf(creditor, name, Number(claims.attempt))
        : coreReferenceOf(creditor, name),
    verified: claims.endToEndId === endToEndId && (await verify(token, typ, creditor)),
  };
}

/** The journal's own rows that are events, against what the feed gives and what was pushed. */
async function eventsOf(
  { database, pushed }: Gathering,
  verify: Verify,
  creditor: CreditorCode,
  client: Client,
): Promise<Events> {
  const { rows: journal } = await database.query<{ entry_id: string }>({
    text: `select j.entry_id from journal j
            where j.creditor_code = $1 and j.kind = any ($2)
              -- The run's mandates were put there without their journal: no creditor was shown their certificates.
              and j.kind not like 'mandate.%' order by j.entry_id`,
    values: [creditor, toldKinds()],
  });
  const { rows: numbered } = await database.query<{ sequence: string; entry_id: string }>({
    text: 'select sequence, entry_id from events where creditor_code = $1',
    values: [creditor],
  });
  const entryOf = new Map(numbered.map(({ sequence, entry_id }) => [Number(sequence), entry_id]));
  const { pushes = [], through = 0 } = pushed.get(creditor) ?? {};
  const said = async (token: string) => eventOf(creditor, token, await verify(token, 'event+jwt', creditor));
  return {
    creditor,
    journal: journal.map(({ entry_id }) => entry_id),
    feed: (await Promise.all((await readFeed(client)).map(said))).map((event) => ({
      ...event,
      entry: entryOf.get(event.sequence) ?? '',
    })),
    pushed: await Promise.all(pushes.map(({ token }) => said(token))),
    pushedThrough: through,
  };
}

function eventOf(creditor: CreditorCode, token: string, verified: boolean): Event & { subject: string } {
  const { sequence, kind, endToEndId, reversalAttempt, tokenJti, debitId, mandateId } = decodeJwt(token);
  return {
    ...{ sequence: Number(sequence), kind: String(kind), verified },
    reference: referenceOf(creditor, endToEndId, reversalAttempt),
    tokenJti: tokenJti === undefined ? undefined : String(tokenJti),
    subject: String(debitId ?? mandateId ?? 'creditor'),
  };
}

function referenceOf(creditor: CreditorCode, endToEndId: unknown, attempt: unknown): CoreReference | undefined {
  const name = typeof endToEndId === 'string' ? parseEndToEndId(endToEndId) : undefined;
  if (name === undefined) return undefined;
  return typeof attempt === 'number' ? reversalReferenceOf(creditor, name, attempt) : coreReferenceOf(creditor, name);
}

/** The tokens, from the beginning to the end, page by page, as a reader that has kept nothing. */
async function readFeed(client: Client): Promise<string[]> {
  const tokens: string[] = [];
  for (let after: string | undefined; ; ) {
    const reply = await client.get(`/v1/events?limit=500${after === undefined ? '' : `&after=${after}`}`);
    const page: unknown = reply.json?.events;
    if (reply.status !== 200 || !Array.isArray(page)) throw new Error(`the feed answered ${reply.status}`);
    for (const event of page) tokens.push(String(event.token));
    if (page.length === 0) return tokens;
    after = String(page.at(-1).place);
  }
}

/** What the closed statements' signed tokens say: settled, less given back, over both creditors. */
async function statementsOf(
  database: Queryable,
  verify: Verify,
): Promise<Pick<Sources, 'statements' | 'unprovenStatements'>> {
  const { rows } = await database.query<{ token: string }>({
    text: `select token from tokens where kind = 'statement+jwt'`,
  });
  const verified = await Promise.all(
    rows.map(({ token }) => verify(token, 'statement+jwt', String(decodeJwt(token).aud))),
  );
  return {
    statements: rows.map(({ token }) => totalOf(decodeJwt(token))).reduce((total, one) => total + one, 0n),
    unprovenStatements: verified.filter((one) => !one).length,
  };
}

function totalOf(claims: Record<string, unknown>): bigint {
  const figures = claims.totals as Record<string, { amount: string }> | undefined;
  const of = (name: string) => centimesFromDatabase(String(amountOf(figures?.[name]?.amount ?? '0.00')));
  return of('settled') - of('reversed');
}
