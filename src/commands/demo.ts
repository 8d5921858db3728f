import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { developmentCreditors } from '../clients/development.ts';
import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import { openPool } from '../database/pool.ts';
import { certifyMandate } from '../mandates/certify.ts';
import { enterMandate } from '../mandates/enter.ts';
import { submitMandate } from '../mandates/submit.ts';
import { openLog } from '../operations/log.ts';
import { readKeyFolder } from '../signing/keys.ts';
import { openSigner } from '../signing/sign.ts';
import { formatAmount } from '../values/centimes.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { groupRib } from '../values/rib.ts';
import { type Client, openClient } from './client.ts';
import { expected, giveBack, pay, refuse, text } from './demo-debits.ts';
import { narrator } from './demo-print.ts';
import { type DevelopmentGateway, openDevelopmentGateway } from './development.ts';
import { backOfficeLines } from './development-print.ts';
import { readSampleEmployers, type SampleEmployer } from './sample-employers.ts';

const stays = process.argv.includes('--stay');
const began = Date.now();

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
  await refuse(cnas, debit, mandateId, employer);
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
