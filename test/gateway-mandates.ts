import type { SampleEmployer } from '../src/commands/sample-employers.ts';
import { certifyMandate } from '../src/mandates/certify.ts';
import { enterMandate } from '../src/mandates/enter.ts';
import { submitMandate } from '../src/mandates/submit.ts';
import { formatAmount } from '../src/values/centimes.ts';
import { addDays, algiersDay } from '../src/values/dates.ts';
import type { MandateId } from '../src/values/ids.ts';
import type { TestGateway } from './gateway.ts';

/** A mandate of a sample employer's in a whole gateway: certified by two people, shown to CNAS and accepted by it. */
export async function activeMandate({ desk, db, clientOf }: TestGateway, employer: SampleEmployer): Promise<MandateId> {
  const today = algiersDay(desk.now());
  const typed = {
    creditor: 'CNAS',
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
  const entered = await enterMandate(desk, { typed, by: 'officer-amel', from: '192.0.2.7' });
  if (entered.outcome !== 'ENTERED') throw new Error(JSON.stringify(entered));
  const { mandateId, contentHash: seenHash } = entered;
  await submitMandate(desk, { mandateId, by: 'officer-amel', from: '192.0.2.7' });
  await certifyMandate(desk, { mandateId, by: 'supervisor-karim', from: '192.0.2.7', seenHash });
  const { rows } = await db.owner.query<{ token: string }>(
    "select token from tokens where subject_id = $1 and kind = 'mandate-certificate+jwt'",
    [mandateId],
  );
  const cnas = clientOf('cnas');
  await cnas.post(
    '/v1/mandate-verifications',
    Buffer.from(JSON.stringify({ certificate: rows[0]?.token })),
    'application/json',
  );
  const accepted = await cnas.put(`/v1/mandates/${mandateId}/acceptance`, {});
  if (accepted.status >= 300) throw new Error(`not accepted: ${accepted.status}`);
  return mandateId;
}

export const orderOf = (mandateId: string, employer: SampleEmployer, amount: string, reference: string) => ({
  mandateId,
  employerNumber: employer.employerNumber,
  amount,
  currency: 'DZD',
  declaration: { reference, declaredAmount: amount },
});
