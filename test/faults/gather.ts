import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Client } from '../../src/commands/client.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { toldKinds } from '../../src/journal/events.ts';
import { centimesFromDatabase } from '../../src/values/centimes.ts';
import { type CoreReference, type CreditorCode, coreReferenceOf, parseEndToEndId } from '../../src/values/ids.ts';
import { amountOf, must } from '../bank.ts';
import type { Told } from '../kill/load.ts';
import type { CoreBank } from './core-bank.ts';
import type { Confirmation, Events, Sources, Stored } from './figures.ts';
import type { Pushed } from './receiver.ts';

export type Gathering = {
  coreBank: Pick<CoreBank, 'books'>;
  database: Queryable;
  told: ReadonlyMap<string, Told>;
  /** What each receiver took, and up to which event all was to be pushed to it. */
  pushed: ReadonlyMap<CreditorCode, { pushes: readonly Pushed[]; through: number }>;
  clients: ReadonlyMap<CreditorCode, Client>;
  keys: JSONWebKeySet;
  issuer: string;
};

/** The four sources as they are at the end: the bus's books, the database, what was confirmed, what the client remembers. */
export async function gather(parts: Gathering): Promise<Sources> {
  const { coreBank, database, told } = parts;
  const books = (await coreBank.books()).flatMap(({ reference, kind, outcome, amount }) =>
    outcome === 'MOVED' && kind !== null && amount !== null
      ? [{ reference: String(reference), kind, amount: BigInt(amountOf(amount)) }]
      : [],
  );
  const remembered = [...told.values()].map(({ creditor, endToEndId, ends }) => {
    const name = must(parseEndToEndId(endToEndId));
    return { creditor, endToEndId: name, reference: coreReferenceOf(creditor, name), ends: [...ends] };
  });
  return {
    books,
    stored: await storedDebits(database),
    confirmations: await confirmationsOf(parts),
    remembered,
    events: await Promise.all([...parts.clients].map(([creditor, client]) => eventsOf(parts, creditor, client))),
    statements: await statementTotal(database),
  };
}

async function storedDebits(database: Queryable): Promise<Stored[]> {
  const { rows } = await database.query<{
    reference: CoreReference;
    state: string;
    amount: string | null;
    declaration: string | null;
    declared: string | null;
    contradicted: boolean;
  }>({
    text: `select core_reference as reference, state, amount, creditor_code || ' ' || employer_number || ' ' || declaration as declaration,
                  declared, exists (select from contradictions c where c.debit_id = debits.debit_id and ended_at is null and holds) as contradicted
             from debits`,
  });
  return rows.map((row) => ({
    ...{ reference: row.reference, state: row.state, contradicted: row.contradicted },
    amount: row.amount === null ? undefined : BigInt(row.amount),
    declaration: row.declaration ?? undefined,
    declared: row.declared === null ? undefined : BigInt(row.declared),
  }));
}

/** Every confirmation that anyone was shown or that is stored, each read and verified by a library that is not ours. */
async function confirmationsOf({ database, told, keys, issuer }: Gathering): Promise<Confirmation[]> {
  const { rows } = await database.query<{ token: string }>({
    text: `select token from tokens where kind = 'settlement-confirmation+jwt'`,
  });
  const shown = [...told.values()].flatMap(({ tokens }) => [...tokens.confirmation]);
  const verify = createLocalJWKSet(keys);
  return Promise.all(
    [...new Set([...rows.map(({ token }) => token), ...shown])].map(async (token) => {
      const claims = decodeJwt(token);
      const creditor = String(claims.aud) as CreditorCode;
      const verified = await jwtVerify(token, verify, { issuer, typ: 'settlement-confirmation+jwt' }).then(
        () => true,
        () => false,
      );
      const name = must(parseEndToEndId(String(claims.endToEndId)));
      return { reference: coreReferenceOf(creditor, name), amount: BigInt(amountOf(String(claims.amount))), verified };
    }),
  );
}

/** The journal's own rows that are events, against what the feed gives and what was pushed. */
async function eventsOf({ database, pushed }: Gathering, creditor: CreditorCode, client: Client): Promise<Events> {
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
  const feed = (await readFeed(client)).map((sequence) => ({ sequence, entry: entryOf.get(sequence) ?? '' }));
  const pushes = (pushed.get(creditor)?.pushes ?? []).map(({ token }) => {
    const claims = decodeJwt(token);
    return { sequence: Number(claims.sequence), subject: String(claims.debitId ?? claims.mandateId ?? 'creditor') };
  });
  return {
    journal: journal.map(({ entry_id }) => entry_id),
    feed,
    pushed: pushes,
    pushedThrough: pushed.get(creditor)?.through ?? 0,
  };
}

/** From the beginning to the end, page by page, as a reader that has kept nothing. */
async function readFeed(client: Client): Promise<number[]> {
  const sequences: number[] = [];
  for (let after: string | undefined; ; ) {
    const reply = await client.get(`/v1/events?limit=500${after === undefined ? '' : `&after=${after}`}`);
    const page: unknown = reply.json?.events;
    if (reply.status !== 200 || !Array.isArray(page)) throw new Error(`the feed answered ${reply.status}`);
    for (const event of page) sequences.push(Number(event.claims.sequence));
    if (page.length === 0) return sequences;
    after = String(page.at(-1).place);
  }
}

/** What the closed statements' signed tokens say: settled, less given back, over both creditors. */
async function statementTotal(database: Queryable): Promise<bigint> {
  const { rows } = await database.query<{ token: string }>({
    text: `select token from tokens where kind = 'statement+jwt'`,
  });
  return rows.map(({ token }) => totalOf(decodeJwt(token))).reduce((total, one) => total + one, 0n);
}

function totalOf(claims: Record<string, unknown>): bigint {
  const figures = claims.totals as Record<string, { amount: string }> | undefined;
  const of = (name: string) => centimesFromDatabase(String(amountOf(figures?.[name]?.amount ?? '0.00')));
  return of('settled') - of('reversed');
}
