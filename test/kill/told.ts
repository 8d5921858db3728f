import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Queryable } from '../../src/database/queryable.ts';
import { formatAmount } from '../../src/values/centimes.ts';
import { type CreditorCode, parseCreditorCode } from '../../src/values/ids.ts';
import { amountOf, must } from '../bank.ts';
import type { Creditors } from './creditors.ts';
import { issuer, type KillBank } from './kill-bank.ts';
import { type TokenMember, type Told, tokenMembers } from './load.ts';

/** What the API says is compared with this: a debit as the database has it, with its tokens. */
type Row = {
  creditor_code: string;
  end_to_end_id: string;
  state: string;
  amount: string | null;
  booking_reference: string | null;
  reversal_reference: string | null;
  shown_reason: string | null;
} & Record<TokenMember, string | null>;

type Checked = { bank: Pick<KillBank, 'database' | 'certificates'>; creditors: Creditors; publicOrigin: string };

const atOnce = 8;

/**
 * What the creditor was told on the way, what the API says now and what the database holds must be one, byte for byte,
 * and each token must verify with the public key set alone. Answers what differs.
 */
export async function brokenOverApi(
  { bank, creditors, publicOrigin }: Checked,
  told: ReadonlyMap<string, Told>,
): Promise<string[]> {
  const verify = createLocalJWKSet(await publicKeySet(bank.certificates, publicOrigin));
  const found: string[] = [];
  const rows = await storedDebits(bank.database);
  const names = new Set(rows.map(({ creditor_code, end_to_end_id }) => `${creditor_code} ${end_to_end_id}`));
  found.push(...[...told.values()].flatMap((one) => toldTwice(one, names)));

  const left = [...rows];
  const check = async (): Promise<void> => {
    for (let row = left.pop(); row !== undefined; row = left.pop()) {
      const known = told.get(`${row.creditor_code} ${row.end_to_end_id}`);
      const differences = [...(await shownDifferently(creditors, row, known)), ...(await unverified(verify, row))];
      found.push(...differences.map((difference) => `${row.end_to_end_id}: ${difference}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, check));
  return [...found, ...(await wrongDeclarations({ bank, creditors, verify }))];
}

async function storedDebits(database: Queryable): Promise<Row[]> {
  const { rows } = await database.query<Row>({
    text: `select d.creditor_code, end_to_end_id, d.state, d.amount, d.booking_reference, d.shown_reason,
            receipts.token as receipt, confirmations.token as confirmation, rejections.token as rejection,
            reversals.token as reversal, r.booking_reference as reversal_reference
       from debits d
       left join reversals r on r.debit_id = d.debit_id and r.state = 'SETTLED'
       left join tokens reversals on reversals.jti = r.confirmation_jti
       left join tokens receipts on receipts.jti = d.receipt_jti
       left join tokens confirmations on confirmations.jti = d.confirmation_jti
       left join tokens rejections on rejections.jti = d.rejection_jti`,
  });
  return rows;
}

/** Told of two ends, of two tokens of a kind, or of a token under a name that is not there. */
function toldTwice({ creditor, endToEndId, tokens, ends }: Told, names: ReadonlySet<string>): string[] {
  const twice = tokenMembers.filter((member) => tokens[member].size > 1);
  const isTold = tokenMembers.some((member) => tokens[member].size > 0);
  return [
    ...twice.map((member) => `${endToEndId}: was shown two ${member}s`),
    ...(endsBeside(ends).length > 1 ? [`${endToEndId}: ended as ${[...ends].join(' and as ')}`] : []),
    ...(isTold && !names.has(`${creditor} ${endToEndId}`) ? [`${endToEndId}: was told of, and is not there`] : []),
  ];
}

/** Settled and then given back is one end after the other. */
const endsBeside = (ends: ReadonlySet<string>): string[] =>
  [...ends].filter((end) => !(end === 'SETTLED' && ends.has('REVERSED')));

async function shownDifferently(creditors: Creditors, row: Row, told: Told | undefined): Promise<string[]> {
  const creditor = must(parseCreditorCode(row.creditor_code));
  const reply = await creditors.get(creditor, `/v1/debits/${row.end_to_end_id}`);
  if (reply?.status !== 200) return [`the API answers ${reply?.status ?? 'nothing'} ${String(reply?.json?.type)}`];
  const shown = reply.json ?? {};
  const confirmation =
    row.confirmation !== null
      ? await creditors.get(creditor, `/v1/debits/${row.end_to_end_id}/confirmation`)
      : undefined;
  return [
    ...(shown.state === row.state ? [] : [`the API shows ${shown.state}, the database holds ${row.state}`]),
    ...tokenMembers
      .filter((member) => (tokenShown(shown, member) ?? null) !== row[member])
      .map((member) => `the API shows another ${member} than is stored`),
    ...tokenMembers
      .filter((member) => [...(told?.tokens[member] ?? [])].some((token) => token !== row[member]))
      .map((member) => `the creditor was given another ${member} than is stored`),
    ...[...(told?.ends ?? [])]
      .filter((end) => end !== row.state && !(end === 'SETTLED' && row.state === 'REVERSED'))
      .map((end) => `the creditor was told ${end}, it is ${row.state}`),
    ...(confirmation !== undefined && confirmation.bytes.toString() !== row.confirmation
      ? ['the confirmation by itself is another than is stored']
      : []),
  ];
}

/** The reversal's is shown with its attempt, the others with the debit. */
function tokenShown(shown: Readonly<Record<string, unknown>>, member: TokenMember): unknown {
  if (member !== 'reversal') return shown[member];
  const { reversal } = shown;
  return typeof reversal === 'object' && reversal !== null && 'confirmation' in reversal
    ? reversal.confirmation
    : undefined;
}

type Verify = ReturnType<typeof createLocalJWKSet>;

/** By a library that is not ours, with nothing but the published keys; and what it proves must be this debit. */
async function unverified(verify: Verify, row: Row): Promise<string[]> {
  const amount = row.amount === null ? undefined : formatAmount(amountOf(centimesText(row.amount)));
  const claimed: Record<TokenMember, [string, Record<string, unknown>]> = {
    receipt: ['acceptance-receipt+jwt', { settled: false }],
    confirmation: ['settlement-confirmation+jwt', { bookingReference: row.booking_reference }],
    rejection: ['debit-rejection+jwt', { reasonCode: row.shown_reason }],
    reversal: ['reversal-confirmation+jwt', { bookingReference: row.reversal_reference }],
  };
  const found: string[] = [];
  for (const member of tokenMembers) {
    const token = row[member];
    if (token === null) continue;
    const [typ, own] = claimed[member];
    const claims = await claimsOf(verify, token, row.creditor_code, typ);
    const expected = { ...own, endToEndId: row.end_to_end_id, amount, environment: 'test' };
    if (claims === undefined) found.push(`its ${member} does not verify`);
    else if (Object.entries(expected).some(([name, value]) => claims[name] !== value))
      found.push(`its ${member} says otherwise`);
  }
  return found;
}

const claimsOf = (
  verify: Verify,
  token: string,
  audience: string,
  typ: string,
): Promise<Record<string, unknown> | undefined> =>
  jwtVerify(token, verify, { issuer, audience, typ }).then(
    ({ payload }) => payload,
    () => undefined,
  );

/** "12345" centimes as "123.45". */
const centimesText = (centimes: string): string => {
  const digits = centimes.padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** What `GET /v1/declarations` signs, against the sums in the database. */
async function wrongDeclarations({
  bank,
  creditors,
  verify,
}: Pick<Checked, 'bank' | 'creditors'> & { verify: Verify }): Promise<string[]> {
  const { rows } = await bank.database.query<{
    creditor_code: string;
    employer_number: string;
    declaration: string;
    attempts: string;
    settled: string;
  }>(
    `select creditor_code, employer_number, declaration, count(*) as attempts,
            coalesce(sum(amount) filter (where state = 'SETTLED'), 0)::text as settled
       from debits where declaration is not null group by 1, 2, 3 having count(*) > 1`,
  );
  const found: string[] = [];
  for (const { creditor_code, employer_number, declaration, attempts, settled } of rows) {
    const creditor: CreditorCode = must(parseCreditorCode(creditor_code));
    const reply = await creditors.get(creditor, `/v1/declarations/${declaration}?employerNumber=${employer_number}`);
    const token = reply?.json?.token;
    const claims =
      typeof token === 'string' ? await claimsOf(verify, token, creditor_code, 'declaration+jwt') : undefined;
    const says = `${claims?.settledAmount} ${claims?.pendingAmount} ${claims?.attemptCount}`;
    const expected = `${centimesText(settled)} 0.00 ${attempts}`;
    if (says !== expected) found.push(`declaration ${declaration} says ${says} for ${expected}`);
  }
  return found;
}

/** The key set as anyone reads it, from the public door. */
async function publicKeySet(certificates: string, publicOrigin: string): Promise<JSONWebKeySet> {
  const ca = await readFile(path.join(certificates, 'ca.pem'));
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(`${publicOrigin}/.well-known/jwks.json`, { ca, agent: false }, (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then((chunks) => resolve(chunks.join('')), reject);
    });
    asked.on('error', reject).end();
  });
  const set: unknown = JSON.parse(text);
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys))
    throw new Error('no key set');
  return { keys: set.keys };
}
