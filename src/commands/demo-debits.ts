import { createLocalJWKSet, jwtVerify } from 'jose';
import { balanceOf } from '../core-banking/accounts.ts';
import { openPool } from '../database/pool.ts';
import { formatAmount, parseAmount } from '../values/centimes.ts';
import type { MandateId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import type { Client, Reply } from './client.ts';
import { narrator } from './demo-print.ts';
import type { DevelopmentGateway } from './development.ts';
import type { SampleEmployer } from './sample-employers.ts';

type Debit = ReturnType<typeof debitOf>;

/** One debit, then the same twenty times at once: one movement of money. */
export async function pay(
  { urls, gateway, config }: DevelopmentGateway,
  cnas: Client,
  employer: SampleEmployer,
  mandateId: MandateId,
  collection: Rib,
): Promise<Debit> {
  const ledger = openPool({ url: urls.ledger, applicationName: 'demo', connections: 1 });
  try {
    const balances = async (when: string) => {
      narrator.fact(`${when}: employer`, `${formatAmount(await balance(ledger, employer.rib))} DA`);
      narrator.fact(`${when}: CNAS`, `${formatAmount(await balance(ledger, collection))} DA`);
    };
    narrator.step('The employer declares; CNAS debits, at once and to the centime');
    await balances('before');
    const debit = debitOf(mandateId, employer, '345600.00');
    narrator.sent('PUT /v1/debits/CNAS-DEMO-1, signed', debit);
    const paid = expected(await cnas.put('/v1/debits/CNAS-DEMO-1', debit), 201);
    narrator.answered(paid, ['state', 'bookingReference', 'executedAt', 'executedOn', 'valueDate']);
    narrator.token('settlement confirmation', text(paid, 'confirmation'));
    await balances('after');
    await verifyOffline(gateway.publicOrigin, config.issuer, text(paid, 'confirmation'));

    narrator.step('The same debit twenty times at once');
    const again = await Promise.all(Array.from({ length: 20 }, () => cnas.put('/v1/debits/CNAS-DEMO-1', debit)));
    const same = again.every(
      (reply) => reply.status === 200 && text(reply, 'confirmation') === text(paid, 'confirmation'),
    );
    narrator.fact('answers', again.map(({ status }) => status).join(' '));
    narrator.fact('same confirmation, byte for byte', String(same));
    await balances('after twenty');
    const moved = await ledger.query({
      text: "select count(*)::int as n from ledger.bookings where kind = 'DEBIT' and outcome = 'MOVED'",
    });
    narrator.fact('movements of money', String(moved.rows[0]?.n));
    if (!same || moved.rows[0]?.n !== 1) throw new Error('the money did not move exactly once');
    return debit;
  } finally {
    await ledger.end();
  }
}

/** What is refused: a second payment of the declaration, and a debit beyond the ceiling. */
export async function refuse(
  cnas: Client,
  debit: Debit,
  mandateId: MandateId,
  employer: SampleEmployer,
): Promise<void> {
  narrator.step('The declaration is paid: a second payment under a new name is refused');
  narrator.sent('PUT /v1/debits/CNAS-DEMO-2, signed, for the same declaration');
  narrator.answered(expected(await cnas.put('/v1/debits/CNAS-DEMO-2', debit), 409), [
    'title',
    'detail',
    'reasonCode',
    'retry',
    'live',
  ]);

  narrator.step('Beyond the mandate’s ceiling: a signed rejection, and nothing moves');
  const tooMuch = debitOf(mandateId, employer, formatAmount(employer.perDebitCeiling).replace('.00', '.01'));
  narrator.sent('PUT /v1/debits/CNAS-DEMO-3, signed', { amount: tooMuch.amount });
  const rejected = expected(
    await cnas.put('/v1/debits/CNAS-DEMO-3', {
      ...tooMuch,
      declaration: { ...tooMuch.declaration, reference: 'DAC-2026-11' },
    }),
    402,
  );
  narrator.answered(rejected, ['title', 'reasonCode', 'retry']);
  narrator.token('debit rejection', text(rejected, 'rejection'));
}

/** What was debited in error goes back whole, once, by CNAS's signed request; its declaration may be paid again. */
export async function giveBack(
  { urls, gateway, config }: DevelopmentGateway,
  cnas: Client,
  employer: SampleEmployer,
  mandateId: MandateId,
): Promise<void> {
  narrator.step('A debit was asked in error: CNAS gives it back, whole and once');
  const ledger = openPool({ url: urls.ledger, applicationName: 'demo', connections: 1 });
  try {
    const held = async () => `${formatAmount(await balance(ledger, employer.rib))} DA`;
    const before = await held();
    narrator.fact('before: employer', before);
    const asked = debitOf(mandateId, employer, '120000.00');
    const wrong = { ...asked, declaration: { ...asked.declaration, reference: 'DAC-2026-12' } };
    expected(await cnas.put('/v1/debits/CNAS-DEMO-4', wrong), 201);
    narrator.fact('debited: employer', await held());
    const reversal = { attempt: 1, reason: 'asked-in-error' };
    narrator.sent('PUT /v1/debits/CNAS-DEMO-4/reversal, signed', reversal);
    const given = expected(await cnas.put('/v1/debits/CNAS-DEMO-4/reversal', reversal), 201);
    narrator.answered(given, ['state', 'attempt', 'bookingReference', 'executedAt']);
    narrator.token('reversal confirmation', text(given, 'confirmation'));
    await verifyOffline(gateway.publicOrigin, config.issuer, text(given, 'confirmation'));
    const again = expected(await cnas.put('/v1/debits/CNAS-DEMO-4/reversal', reversal), 200);
    const after = await held();
    narrator.fact('asked again', `${again.status}, same bytes: ${String(again.bytes.equals(given.bytes))}`);
    narrator.fact('given back: employer', after);
    if (after !== before || !again.bytes.equals(given.bytes))
      throw new Error('the debit was not given back exactly once');
  } finally {
    await ledger.end();
  }
}

/** As a judge would: the public key set and a library that is not ours. */
async function verifyOffline(publicOrigin: string, issuer: string, token: string): Promise<void> {
  const { default: https } = await import('node:https');
  const keys = await new Promise<string>((resolve, reject) => {
    // The development authority is no public one: what is checked here is the token, not the page's sender.
    https
      .get(`${publicOrigin}/.well-known/jwks.json`, { rejectUnauthorized: false }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => resolve(body));
      })
      .on('error', reject);
  });
  const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(JSON.parse(keys)), { issuer, audience: 'CNAS' });
  narrator.fact('verified with the public key set', `jose says yes, key ${protectedHeader.kid}`);
}

function debitOf(mandateId: MandateId, employer: SampleEmployer, amount: string) {
  return {
    mandateId,
    employerNumber: employer.employerNumber,
    amount,
    currency: 'DZD',
    declaration: { reference: 'DAC-2026-10', declaredAmount: amount, periodLabel: '2026-10', dueDate: '2026-11-30' },
  };
}

async function balance(ledger: Parameters<typeof balanceOf>[0], rib: Rib) {
  const read = await balanceOf(ledger, rib);
  const amount = parseAmount(`${read / 100n}.${String(read % 100n).padStart(2, '0')}`);
  if (amount === undefined) throw new Error('a balance below zero');
  return amount;
}

/** A reply that is not as the story has it ends the demonstration, with what the gateway said. */
export function expected(reply: Reply, status: number): Reply {
  if (reply.status !== status)
    throw new Error(`${reply.status} instead of ${status}: ${reply.bytes.toString().slice(0, 2000)}`);
  return reply;
}

export function text(reply: Reply, member: string): string {
  const value = reply.json?.[member];
  if (typeof value !== 'string') throw new Error(`the answer has no ${member}`);
  return value;
}
