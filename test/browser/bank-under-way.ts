import { setTimeout as pause } from 'node:timers/promises';
import { readSampleEmployers, type SampleEmployer } from '../../src/commands/sample-employers.ts';
import { certifyMandate } from '../../src/mandates/certify.ts';
import { enterMandate } from '../../src/mandates/enter.ts';
import { submitMandate } from '../../src/mandates/submit.ts';
import { formatAmount } from '../../src/values/centimes.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../../src/values/dates.ts';
import type { MandateId } from '../../src/values/ids.ts';
import type { TestBackOffice } from '../back-office.ts';

/** What a bank in the middle of its day has: a mandate in each of the first states, and debits of both outcomes. */
export type UnderWay = { draft: MandateId; pending: MandateId; certified: MandateId; active: MandateId };

const from = '192.0.2.7';
const officer = 'officer-amel';

export async function bankUnderWay(office: TestBackOffice): Promise<UnderWay> {
  const employers = (await readSampleEmployers()).values();
  const next = async () => {
    const { value: employer } = employers.next();
    if (employer === undefined) throw new Error('too few sample employers');
    return enter(office, employer);
  };
  const draft = await next();
  const pending = await next();
  await submitMandate(office.desk, { mandateId: pending.mandateId, by: officer, from });
  const certified = await next();
  await certify(office, certified);
  const active = await next();
  await certify(office, active);
  await debit(office, active);
  await giveUp(office, active.mandateId);
  await endDay(office);
  return {
    draft: draft.mandateId,
    pending: pending.mandateId,
    certified: certified.mandateId,
    active: active.mandateId,
  };
}

type Entered = { mandateId: MandateId; employer: SampleEmployer; seenHash: string };

async function enter({ desk }: TestBackOffice, employer: SampleEmployer): Promise<Entered> {
  const today = algiersDay(desk.now());
  const outcome = await enterMandate(desk, {
    typed: {
      creditor: 'CNAS',
      employerNumber: employer.employerNumber,
      rib: employer.rib,
      nameFr: employer.nameFr,
      nameAr: employer.nameAr,
      representativeFr: employer.representativeFr,
      representativeAr: employer.representativeAr,
      phone: employer.phone,
      perDebitCeiling: formatAmount(employer.perDebitCeiling),
      periodCeiling: formatAmount(employer.perMonthCeiling),
      period: 'MONTH',
      validFrom: today,
      validTo: addDays(today, 365),
    },
    by: officer,
    from,
  });
  if (outcome.outcome !== 'ENTERED') throw new Error(JSON.stringify(outcome));
  return { mandateId: outcome.mandateId, employer, seenHash: outcome.contentHash };
}

async function certify({ desk }: TestBackOffice, { mandateId, seenHash }: Entered): Promise<void> {
  await submitMandate(desk, { mandateId, by: officer, from });
  const outcome = await certifyMandate(desk, { mandateId, by: 'supervisor-samia', from, seenHash });
  if (outcome.outcome !== 'DONE') throw new Error(JSON.stringify(outcome));
}

/** Accepted, then two debits: one settles, one is over the ceiling. */
async function debit(office: TestBackOffice, { mandateId }: Entered): Promise<void> {
  await acceptMandate(office, mandateId);
  await debitOf(office, mandateId, 'PAID', '100000.00', 201);
  await debitOf(office, mandateId, 'OVER', '999999999.00', 402);
}

/** The creditor shows the certificate of a certified mandate, and accepts it. */
export async function acceptMandate({ db, clientOf }: TestBackOffice, mandateId: string): Promise<void> {
  const cnas = clientOf('cnas');
  const { rows } = await db.owner.query(
    `select token, employer_number, rib from tokens join mandates on mandate_id = subject_id
       join mandate_debtors using (mandate_id) where subject_id = $1 and kind = 'mandate-certificate+jwt'`,
    [mandateId],
  );
  const { token: certificate, employer_number: employerNumber, rib } = rows[0] ?? {};
  const shown = { certificate, expected: { employerNumber, rib } };
  await cnas.post('/v1/mandate-verifications', Buffer.from(JSON.stringify(shown)), 'application/json');
  const { status } = await cnas.put(`/v1/mandates/${mandateId}/acceptance`, {});
  if (status !== 200) throw new Error(`the acceptance was answered ${status}`);
}

/** The creditor's debit `DEBIT-…` of a mandate, which the gateway answers with that status. */
export async function debitOf(
  { db, clientOf }: TestBackOffice,
  mandateId: MandateId,
  reference: string,
  amount: string,
  status: number,
  more: { executionDate?: Day } = {},
): Promise<void> {
  const { rows } = await db.owner.query('select employer_number from mandates where mandate_id = $1', [mandateId]);
  const { status: answered } = await clientOf('cnas').put(`/v1/debits/DEBIT-${reference}`, {
    ...{ mandateId, employerNumber: rows[0]?.employer_number, amount, currency: 'DZD', ...more },
    declaration: { reference: `DAC-${reference}`, declaredAmount: amount },
  });
  if (answered !== status) throw new Error(`the debit ${reference} was answered ${answered}`);
}

/** Yesterday was a day too: its statement is closed, a list is matched against it, and the core's books differ from ours. */
async function endDay(office: TestBackOffice): Promise<void> {
  const { db } = office;
  const yesterday = addDays(algiersDay(office.desk.now()), -1);
  await db.owner.query('update creditors set registered_at = $1', [startOfAlgiersDay(yesterday)]);
  // A day that the gateway itself does not compare, as it may come to yesterday in this moment.
  await db.owner.query(
    `with compared as (
       insert into book_comparisons (comparison_id, day, attempt, compared_at, booked, booked_amount, foreign_ones, agreed,
         agreed_amount, differences)
       values (gen_random_uuid(), $1, 1, clock_timestamp(), 1, 7700, 0, 0, 0, 1) returning comparison_id
     )
     insert into book_differences (difference_id, comparison_id, kind, core_reference, booked_amount, booked_reference, booked_date)
     select gen_random_uuid(), comparison_id, 'UNKNOWN_HERE', repeat('A', 32), 7700, 'B-77', $1 from compared`,
    [addDays(yesterday, -6)],
  );
  const cnas = office.clientOf('cnas');
  const lines = [{ endToEndId: 'DEBIT-PAID', amount: '100000.00', currency: 'DZD' }];
  const { status } = await cnas.put('/v1/reconciliations/YESTERDAY', { date: yesterday, lines });
  if (status !== 202) throw new Error(`the list was answered ${status}`);
  for (let look = 0; look < 300; look += 1) {
    const { json } = await cnas.get('/v1/reconciliations/YESTERDAY');
    if (json?.state === 'MATCHED') return;
    await pause(100);
  }
  throw new Error('the list was not matched');
}

/** Something of what happens later that was given up, on a mandate, and something that is tried again tomorrow. */
async function giveUp({ db }: TestBackOffice, mandateId: MandateId): Promise<void> {
  await db.owner.query(
    `insert into job_failures (work, subject_id, failures, fault, failed_at, next_at, dead_at)
     select work, $1, failures, 'TypeError', clock_timestamp(), clock_timestamp() + interval '1 day', dead_at
       from (values ('expiries', 9, clock_timestamp()), ('statements', 2, null)) as row (work, failures, dead_at)`,
    [mandateId],
  );
}
