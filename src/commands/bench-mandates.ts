import { openAccounts } from '../core-banking/accounts.ts';
import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import { openPool } from '../database/pool.ts';
import { selectCertificate } from '../mandates/certification.sql.ts';
import { certifyMandate } from '../mandates/certify.ts';
import type { Desk } from '../mandates/desk.ts';
import { enterMandate } from '../mandates/enter.ts';
import { submitMandate } from '../mandates/submit.ts';
import { readKeyFolder } from '../signing/keys.ts';
import { openSigner } from '../signing/sign.ts';
import { addDays, algiersDay } from '../values/dates.ts';
import { type EmployerNumber, type Jws, type MandateId, parseEmployerNumber } from '../values/ids.ts';
import { type Rib, ribOf } from '../values/rib.ts';
import type { BenchGateway } from './bench-gateway.ts';
import type { Client } from './client.ts';

export type BenchMandate = {
  mandateId: MandateId;
  employerNumber: EmployerNumber;
  rib: Rib;
  certificate: Jws;
};

/** A billion dinars a debit, and as much on each account as no run ever uses up. */
const ceiling = '1000000000.00';
const openingBalance = 100_000_000_000n;

/** Mandates of as many employers, each with an account of its own: entered, submitted, certified and accepted. */
export async function prepareMandates(
  { config, urls }: BenchGateway,
  client: Client,
  count: number,
): Promise<BenchMandate[]> {
  await using open = new AsyncDisposableStack();
  const pool = open.adopt(openPool({ url: urls.gateway, applicationName: 'bench' }), (opened) => opened.end());
  const ledger = open.adopt(openPool({ url: urls.ledger, applicationName: 'bench' }), (opened) => opened.end());
  const now = () => new Date();
  const { issuer, environment, bankCodes } = config;
  const sign = openSigner({ keys: await readKeyFolder(config.keyFolder), issuer, environment, now });
  const coreBanking = ledgerCoreBanking(ledger);
  const desk: Desk = { pool, now, sign, coreBanking, bankCodes, issuer: { issuer, environment }, submissionHours: 1 };
  const employers = Array.from({ length: count }, (_, number) => employerOf(number, bankCodes[0] ?? ''));
  await openAccounts(
    ledger,
    employers.map(({ rib, nameFr }) => ({ rib, holder: nameFr, kind: 'CUSTOMER', openingBalance })),
  );
  const accepted = async (employer: Employer): Promise<BenchMandate> => {
    const mandate = await certified(desk, employer);
    const target = `/v1/mandates/${mandate.mandateId}/acceptance`;
    const { status, json } = await client.put(target, { certificate: mandate.certificate });
    if (status !== 200) throw new Error(`a mandate's acceptance was answered ${status} ${json?.type ?? ''}`);
    return mandate;
  };
  const mandates: BenchMandate[] = [];
  const waiting = [...employers];
  while (waiting.length > 0) {
    // All of them are waited for, also after a fault: the pools close behind them.
    const settled = await Promise.allSettled(waiting.splice(0, 16).map(accepted));
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason;
      mandates.push(one.value);
    }
  }
  return mandates;
}

type Employer = { employerNumber: EmployerNumber; rib: Rib; nameFr: string };

function employerOf(number: number, bank: string): Employer {
  const employerNumber = parseEmployerNumber(String(7_700_000_000 + number));
  const rib = ribOf(bank, '00777', String(number).padStart(10, '0'));
  if (employerNumber === undefined || rib === undefined) throw new RangeError('not an employer');
  return { employerNumber, rib, nameFr: `Entreprise ${number}` };
}

async function certified(desk: Desk, { employerNumber, rib, nameFr }: Employer): Promise<BenchMandate> {
  const today = algiersDay(desk.now());
  const entered = await enterMandate(desk, {
    typed: {
      creditor: 'CNAS',
      employerNumber,
      rib,
      nameFr,
      nameAr: 'مؤسسة',
      perDebitCeiling: ceiling,
      periodCeiling: ceiling,
      period: 'YEAR',
      validFrom: today,
      validTo: addDays(today, 365),
    },
    by: 'officer-amel',
    from: 'command-line',
  });
  if (entered.outcome !== 'ENTERED') throw new Error(`a mandate was not entered: ${JSON.stringify(entered.faults)}`);
  const { mandateId, contentHash } = entered;
  await submitMandate(desk, { mandateId, by: 'officer-amel', from: 'command-line' });
  const { outcome } = await certifyMandate(desk, {
    mandateId,
    by: 'supervisor-karim',
    from: 'command-line',
    seenHash: contentHash,
  });
  const certificate = await selectCertificate(desk.pool, mandateId);
  if (certificate === undefined) throw new Error(`a mandate was not certified: ${outcome}`);
  return { mandateId, employerNumber, rib, certificate: certificate.token };
}
