import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { developmentCreditors } from '../clients/development.ts';
import { balanceOf } from '../core-banking/accounts.ts';
import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import { openPool } from '../database/pool.ts';
import { certifyMandate } from '../mandates/certify.ts';
import { enterMandate } from '../mandates/enter.ts';
import { submitMandate } from '../mandates/submit.ts';
import { openLog } from '../operations/log.ts';
import { readKeyFolder } from '../signing/keys.ts';
import { openSigner } from '../signing/sign.ts';
import { formatAmount, parseAmount } from '../values/centimes.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { groupRib, type Rib } from '../values/rib.ts';
import { type Client, openClient, type Reply } from './client.ts';
import { openNarrator } from './demo-print.ts';
import { type DevelopmentGateway, openDevelopmentGateway } from './development.ts';
import { backOfficeLines } from './development-print.ts';
import { readSampleEmployers, type SampleEmployer } from './sample-employers.ts';

const stays = process.argv.includes('--stay');
const began = Date.now();
const narrator = openNarrator(console.log);

console.log(
  'One employer’s mandate through the whole flow: a real PostgreSQL, real mutual TLS, real signatures, a real ledger.',
);
const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-demo-'));
const ports = {
  GATEWAY_API_PORT: '0',
  GATEWAY_PUBLIC_PORT: '0',
  GATEWAY_BACK_OFFICE_PORT: '0',
  GATEWAY_OPERATIONS_PORT: '0',
};
{
  await using development = await openDevelopmentGateway({
    environment: {
      ...process.env,
      ...ports,
      GATEWAY_DATA_FOLDER: folder,
      GATEWAY_LOG_LEVEL: process.env.GATEWAY_LOG_LEVEL ?? 'warn',
    },
    log: openLog,
    temporary: true,
    ...(stays && { identityProviderPort: 0 }),
  });
  await tell(development);
  console.log(`\nAll of it in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
  if (stays) {
    console.log(
      `It stays: ${development.gateway.apiOrigin} (API), ${development.gateway.publicOrigin} (public). Ctrl-C ends it.`,
    );
    console.log(backOfficeLines(development));
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  }
}

/** The story. Every figure in it is read back from the gateway or from the ledger. */
async function tell(development: DevelopmentGateway): Promise<void> {
  const { gateway, config, certificates } = development;
  const employers = await readSampleEmployers();
  const employer = employers.find(({ nameFr }) => nameFr.includes('Frigo-Sud'));
  const creditor = developmentCreditors.find(({ creditorCode }) => creditorCode === 'CNAS');
  if (employer === undefined || creditor === undefined) throw new Error('the sample accounts are not there');
  using cnas = openClient({
    origin: gateway.apiOrigin,
    certificates,
    name: 'cnas',
    creditor: 'CNAS',
    issuer: config.issuer,
  });

  narrator.step('CNAS connects with its client certificate');
  narrator.sent('GET /v1/connection');
  narrator.answered(expected(await cnas.get('/v1/connection'), 200), [
    'creditorCode',
    'environment',
    'issuer',
    'certificate',
    'signingKeys',
  ]);

  const mandateId = await certify(development, employer);
  const certificate = await verify(development, cnas, mandateId, employer);
  await accept(cnas, mandateId);
  const debit = await pay(development, cnas, employer, mandateId, creditor.collectionAccount);
  await refuse(development, cnas, debit, mandateId, employer);
  narrator.step('What the declaration has come to, in one signed answer');
  const declaration = expected(
    await cnas.get(`/v1/declarations/${debit.declaration.reference}?employerNumber=${employer.employerNumber}`),
    200,
  );
  narrator.answered(declaration, ['declaredAmount', 'settledAmount', 'openAmount', 'matched', 'attemptCount']);
  if (declaration.json?.matched !== true) throw new Error('declared and paid do not match');
  narrator.fact('declared = paid', `${text(declaration, 'declaredAmount')} = ${text(declaration, 'settledAmount')} DA`);
  await giveBack(development, cnas, employer, mandateId);
  narrator.fact(
    'certificate, confirmations',
    `verify with ${gateway.publicOrigin}/.well-known/jwks.json alone (${certificate.length} characters)`,
  );
}

/** The bank's side: an officer enters, a supervisor certifies, never the same person. */
async function certify({ config, urls }: DevelopmentGateway, employer: SampleEmployer): Promise<MandateId> {
  await using open = new AsyncDisposableStack();
  const pool = (url: string) => open.adopt(openPool({ url, applicationName: 'demo' }), (opened) => opened.end());
  const now = () => new Date();
  const { issuer, environment, bankCodes } = config;
  const desk = {
    pool: pool(urls.gateway),
    coreBanking: ledgerCoreBanking(pool(urls.ledger)),
    sign: openSigner({ keys: await readKeyFolder(config.keyFolder), issuer, environment, now }),
    bankCodes,
    issuer: { issuer, environment },
    now,
    submissionHours: 24,
  };
  narrator.step(`At the bank: the officer enters the request of ${employer.nameFr} · ${employer.nameAr}`);
  const today = algiersDay(now());
  const typed = {
    creditor: 'CNAS',
    employerNumber: employer.employerNumber,
    rib: groupRib(employer.rib),
    nameFr: employer.nameFr,
    nameAr: employer.nameAr,
    representativeFr: employer.representativeFr,
    representativeAr: employer.representativeAr,
    phone: employer.phone,
    perDebitCeiling: formatAmount(employer.perDebitCeiling),
    periodCeiling: formatAmount(employer.perMonthCeiling),
    period: 'MONTH',
    validFrom: today,
    validTo: addDays(today, 730),
  };
  narrator.sent('authorisation request, by officer-amel', typed);
  const entered = await enterMandate(desk, { typed, by: 'officer-amel', from: 'command-line' });
  if (entered.outcome !== 'ENTERED') throw new Error('the request has faults');
  const { mandateId, contentHash: seenHash } = entered;
  await submitMandate(desk, { mandateId, by: 'officer-amel', from: 'command-line' });
  narrator.fact('mandate', mandateId);

  narrator.step('Four eyes: the officer may not certify it, the supervisor does');
  const same = await certifyMandate(desk, { mandateId, by: 'officer-amel', from: 'command-line', seenHash });
  narrator.fact('officer-amel certifies', same.outcome);
  const certified = await certifyMandate(desk, { mandateId, by: 'supervisor-karim', from: 'command-line', seenHash });
  narrator.fact('supervisor-karim certifies', certified.outcome);
  if (same.outcome !== 'SAME_PERSON' || certified.outcome !== 'DONE') throw new Error('four eyes failed');
  return mandateId;
}

/** CNAS verifies what the employer uploaded: the PDF as it is, and a token that somebody forged. */
async function verify(
  { config, urls, gateway }: DevelopmentGateway,
  cnas: Client,
  mandateId: MandateId,
  employer: SampleEmployer,
): Promise<string> {
  narrator.step('The employer uploads its certificate; CNAS has it verified');
  const db = openPool({ url: urls.gateway, applicationName: 'demo', connections: 1 });
  const { rows } = await db.query<{ token: string }>({
    text: "select token from tokens where subject_id = $1 and kind = 'mandate-certificate+jwt'",
    values: [mandateId],
  });
  await db.end();
  const token = rows[0]?.token ?? '';
  narrator.token('mandate certificate', token);
  const asked = { certificate: token, expected: { employerNumber: employer.employerNumber, rib: employer.rib } };
  narrator.sent('POST /v1/mandate-verifications, the token and what CNAS expects of it');
  const verdict = expected(
    await cnas.post('/v1/mandate-verifications', Buffer.from(JSON.stringify(asked)), 'application/json'),
    200,
  );
  narrator.answered(verdict, ['status', 'reasons', 'compared', 'mandateState']);
  narrator.token('verdict', text(verdict, 'verdict'));

  const pdf = expected(await cnas.get(`/v1/mandates/${mandateId}/certificate`, 'application/pdf'), 200);
  narrator.sent(`POST /v1/mandate-verifications, the bilingual PDF itself (${pdf.bytes.length} bytes)`);
  const ofPdf = expected(await cnas.post('/v1/mandate-verifications', pdf.bytes, 'application/pdf'), 200);
  narrator.answered(ofPdf, ['status', 'reasons']);

  const [header, claims, signature] = token.split('.');
  const forgedClaims = Buffer.from(claims ?? '', 'base64url')
    .toString()
    .replace(/"5000000\.00"/, '"9000000.00"');
  const forged = `${header}.${Buffer.from(forgedClaims).toString('base64url')}.${signature}`;
  narrator.sent('POST /v1/mandate-verifications, a copy whose ceiling somebody raised');
  const ofForged = expected(
    await cnas.post(
      '/v1/mandate-verifications',
      Buffer.from(JSON.stringify({ certificate: forged })),
      'application/json',
    ),
    200,
  );
  narrator.answered(ofForged, ['status', 'reasons']);
  if (verdict.json?.status !== 'VALID' || ofPdf.json?.status !== 'VALID' || ofForged.json?.status !== 'INVALID')
    throw new Error('a verdict is wrong');
  narrator.fact('issuer that CNAS knows', `${config.issuer}, keys at ${gateway.publicOrigin}/.well-known/jwks.json`);
  return token;
}

async function accept(cnas: Client, mandateId: MandateId): Promise<void> {
  narrator.step('CNAS accepts the mandate');
  narrator.sent(`PUT /v1/mandates/${mandateId}/acceptance, signed`);
  narrator.answered(expected(await cnas.put(`/v1/mandates/${mandateId}/acceptance`, {}), 200), [
    'state',
    'debitable',
    'ceilings',
    'validTo',
  ]);
}

type Debit = ReturnType<typeof debitOf>;

/** One debit, then the same twenty times at once: one movement of money. */
async function pay(
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
async function refuse(
  _: DevelopmentGateway,
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
async function giveBack(
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
function expected(reply: Reply, status: number): Reply {
  if (reply.status !== status)
    throw new Error(`${reply.status} instead of ${status}: ${reply.bytes.toString().slice(0, 2000)}`);
  return reply;
}

function text(reply: Reply, member: string): string {
  const value = reply.json?.[member];
  if (typeof value !== 'string') throw new Error(`the answer has no ${member}`);
  return value;
}
