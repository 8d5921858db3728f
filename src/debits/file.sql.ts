import type { Booking } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import type { CoreReference, CreditorCode, DebitId, Jws } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';
import { type Agencies, agencyParameter, ofAgencies } from './agencies.ts';
import { bookingIn, type MaybeBookingRow } from './booking-row.ts';
import { creditedAccount } from './open-debit.sql.ts';
import type { StoredRequest } from './proof.ts';

/** What the bank knows of a debit beside what its creditor may see. */
export type DebitFacts = {
  reference: CoreReference;
  /** As the bank knows it. */
  reason: ReasonCode | undefined;
  sends: number;
  questions: number;
  nextQuestionAt: Date;
  forPeopleSince: Date | undefined;
  /** Known while the confirmation can't be signed yet. */
  unsignedBooking: Booking | undefined;
  creditor: { nameFr: string; nameAr: string; collectionAccount: Rib };
  /** Undefined for a name that was burnt. */
  employer: { nameFr: string; nameAr: string; rib: Rib; agencyCode: string } | undefined;
  request: StoredRequest;
};

type Row = MaybeBookingRow & {
  core_reference: CoreReference;
  reason: ReasonCode | null;
  sends: number;
  questions: number;
  lease_until: Date;
  people_since: Date | null;
  confirmation_jti: string | null;
  creditor_fr: string;
  creditor_ar: string;
  collection_account: Rib;
  name_fr: string | null;
  name_ar: string | null;
  rib: Rib | null;
  agency_code: string | null;
  creditor_code: CreditorCode;
  jti: string;
  key_thumbprint: string;
  method: string;
  target: string;
  signed_at: Date;
  request_received_at: Date;
  digest: Buffer;
  token: Jws;
  body: Buffer;
};

/** Undefined where the debit is unknown, or another agency's: the same. */
export async function selectDebitFacts(
  db: Queryable,
  debitId: DebitId,
  agencies: Agencies,
): Promise<DebitFacts | undefined> {
  const { rows } = await db.query<Row>({
    name: 'select-debit-facts',
    text: `
      select debits.core_reference, coalesce(debits.reason, debits.refusal) as reason, debits.sends, debits.questions,
             debits.lease_until, debits.people_since, debits.confirmation_jti, debits.amount, debits.booking_reference,
             debits.executed_at, debits.booking_date, debits.value_date,
             creditors.name_fr as creditor_fr, creditors.name_ar as creditor_ar, ${creditedAccount} as collection_account,
             mandate_debtors.name_fr, mandate_debtors.name_ar, mandate_debtors.rib, mandate_debtors.agency_code,
             debits.creditor_code, requests.jti, requests.key_thumbprint, requests.method, requests.target,
             requests.signed_at, requests.received_at as request_received_at, requests.digest, requests.token, requests.body
        from debits join creditors using (creditor_code)
        join requests on requests.creditor_code = debits.creditor_code and requests.jti = debits.request_jti
        left join mandate_debtors using (mandate_id)
       where debits.debit_id = $1 and ${ofAgencies('$2')}`,
    values: [debitId, agencyParameter(agencies)],
  });
  return rows.map(factsOf)[0];
}

const factsOf = (row: Row): DebitFacts => ({
  reference: row.core_reference,
  reason: row.reason ?? undefined,
  sends: row.sends,
  questions: row.questions,
  nextQuestionAt: row.lease_until,
  forPeopleSince: row.people_since ?? undefined,
  unsignedBooking: row.confirmation_jti === null ? bookingIn(row) : undefined,
  creditor: { nameFr: row.creditor_fr, nameAr: row.creditor_ar, collectionAccount: row.collection_account },
  employer:
    row.name_fr === null || row.name_ar === null || row.rib === null || row.agency_code === null
      ? undefined
      : { nameFr: row.name_fr, nameAr: row.name_ar, rib: row.rib, agencyCode: row.agency_code },
  request: {
    creditor: row.creditor_code,
    jti: row.jti,
    keyThumbprint: row.key_thumbprint,
    method: row.method,
    target: row.target,
    signedAt: row.signed_at,
    receivedAt: row.request_received_at,
    digest: row.digest,
    token: row.token,
    body: row.body,
  },
});
