import type { Client } from '../src/commands/client.ts';
import { readSampleEmployers, type SampleEmployer } from '../src/commands/sample-employers.ts';
import { certifyMandate } from '../src/mandates/certify.ts';
import { enterMandate } from '../src/mandates/enter.ts';
import { submitMandate } from '../src/mandates/submit.ts';
import { formatAmount } from '../src/values/centimes.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import type { MandateId } from '../src/values/ids.ts';
import type { TestGateway } from './gateway.ts';

export async function sampleEmployer(position = 1): Promise<SampleEmployer> {
  const employer = (await readSampleEmployers())[position];
  if (employer === undefined) throw new Error('no such sample employer');
  return employer;
}

export type CertifiedMandate = { mandateId: MandateId; token: string };

/** A mandate of a sample employer's in a whole gateway, certified by two people, its certificate's token with it. */
export async function certified(
  { desk, db }: Pick<TestGateway, 'desk' | 'db'>,
  employer: SampleEmployer,
  creditor = 'CNAS',
): Promise<CertifiedMandate> {
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

/** The same, shown to its creditor and accepted by it: it can be debited. */
export async function accepted(
  bank: Pick<TestGateway, 'desk' | 'db'>,
  client: Client,
  employer: SampleEmployer,
  creditor = 'CNAS',
): Promise<CertifiedMandate> {
  const mandate = await certified(bank, employer, creditor);
  const reply = await client.put(`/v1/mandates/${mandate.mandateId}/acceptance`, { certificate: mandate.token });
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.json));
  return mandate;
}

export const activeMandate = async (bank: TestGateway, employer: SampleEmployer): Promise<MandateId> =>
  (await accepted(bank, bank.clientOf('cnas'), employer)).mandateId;

export const orderOf = (mandateId: string, employer: SampleEmployer, amount: string, reference: string) => ({
  mandateId,
  employerNumber: employer.employerNumber,
  amount,
  currency: 'DZD',
  declaration: { reference, declaredAmount: amount },
});
