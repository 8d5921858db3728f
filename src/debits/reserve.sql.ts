import type { SignedRequest } from '../clients/client.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { CoreReference, DebitId, MandateId, TokenId } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';
import type { Rib } from '../values/rib.ts';
import { ceilingDetail, type RefusalDetailRow } from './ceilings.sql.ts';
import type { DebitOrder, EndingDebit, OpenDebit, Refusal } from './debit.ts';
import { reserveStatement } from './reserve-statement.sql.ts';

/** One order to be weighed: with its request, the names that it would get, and its times. */
export type Reservation = {
  debitId: DebitId;
  reference: CoreReference;
  order: DebitOrder;
  content: Buffer;
  request: SignedRequest;
  expiresAt: Date;
  resolveBy: Date;
  /** The banking day that its date comes to; undefined: at once. */
  runsOn: Day | undefined;
  /** When the core banking system opens; undefined: it is open. */
  opensAt: Date | undefined;
};

export type ReservationLimits = {
  debitMaximum: Centimes;
  leaseSeconds: number;
  fundsRefusalsADay: number;
  debitsADay: number;
};

/**
 * KNOWN: the same debit stands already (or its name was burnt). JTI_REUSED: this signature was seen before, with
 * another name or body, or for a debit that was not taken in then. LATER: as many of the mandate's debits are under way
 * as may still be refused for funds today; ask again when one has ended. WAITS: taken in, for when the core opens.
 * CLAIMED: its money had moved before the database was put back to an earlier time; it is asked about, never sent. RESERVED,
 * SCHEDULED, WAITS, CLAIMED and REFUSED leave a debit; a refusal is one whose rejection is signed next. The request is kept
 * beside it, and so is that of an order that was turned away by what stands: KNOWN, NAME_TAKEN, OTHER_EMPLOYER and what its
 * declaration says. The others leave nothing.
 */
export type ReservationOutcome =
  | { verdict: 'RESERVED'; debit: OpenDebit }
  | { verdict: 'REFUSED'; debit: EndingDebit; refusal: Refusal }
  | { verdict: 'SCHEDULED' | 'WAITS' | 'CLAIMED' | 'KNOWN' | 'NAME_TAKEN'; debitId: DebitId }
  | { verdict: 'LATER' | TurnedAway };

export type TurnedAway =
  | 'JTI_REUSED'
  | 'MANDATE_NOT_FOUND'
  | 'STOPPED'
  | 'OTHER_EMPLOYER'
  | 'DATE_OUT_OF_RANGE'
  | 'EXPIRY_OUT_OF_RANGE'
  | 'DEBITS_A_DAY'
  | 'FUNDS_REFUSALS'
  | 'DECLARED_DIFFERS'
  | 'DECLARATION_PAID'
  | 'OVER_DECLARED';

type Row = { debit_id: DebitId; chain_id: MandateId } & (
  | {
      verdict: 'RESERVED';
      rib: Rib;
      collection_account: Rib;
      certificate_jti: TokenId;
      authorised_at: Date;
    }
  | { verdict: 'REFUSED'; refusal: ReasonCode; refusal_detail: RefusalDetailRow | null }
  | { verdict: 'SCHEDULED' | 'WAITS' | 'CLAIMED' | 'KNOWN' | 'NAME_TAKEN' | 'LATER' | TurnedAway }
);

/**
 * Weighs each order and takes it in, in one statement: name, mandate, ceilings, declaration, request, journal.
 * Two orders that share a name, a mandate or a declaration must not be in one set (`limitsOf`). What it can't decide,
 * two sets that race for one new name, is a unique violation: run again, the loser sees the winner.
 */
export async function reserveDebits(
  db: Queryable,
  limits: ReservationLimits,
  reservations: readonly Reservation[],
): Promise<ReservationOutcome[]> {
  const of = <Value>(read: (reservation: Reservation) => Value) => reservations.map(read);
  const { rows } = await db.query<Row>({
    name: 'reserve-debits',
    text: reserveStatement,
    values: [
      of(({ debitId }) => debitId),
      of(({ order }) => order.creditor),
      of(({ order }) => order.endToEndId),
      of(({ reference }) => reference),
      of(({ order }) => order.mandateId),
      of(({ order }) => order.employerNumber),
      of(({ order }) => order.declaration),
      of(({ order }) => order.declared),
      of(({ order }) => order.amount),
      of(({ content }) => content),
      of(({ order }) => order.executionDate ?? null),
      of(({ order }) => order.retryOf ?? null),
      of(({ expiresAt }) => expiresAt),
      of(({ resolveBy }) => resolveBy),
      of(({ request }) => request.jti),
      of(({ request }) => request.keyThumbprint),
      of(({ request }) => request.method),
      of(({ request }) => request.target),
      of(({ request }) => request.signedAt),
      of(({ request }) => request.receivedAt),
      of(({ request }) => request.digest),
      of(({ request }) => request.token),
      of(({ request }) => request.body),
      of(({ order }) => order.periodLabel ?? null),
      of(({ order }) => order.dueDate ?? null),
      limits.debitMaximum,
      limits.leaseSeconds,
      limits.fundsRefusalsADay,
      limits.debitsADay,
      of(({ runsOn }) => runsOn ?? null),
      of(({ opensAt }) => opensAt ?? null),
      of(({ order }) => order.whenClosed === 'REJECT'),
      of(({ order }) => order.expiresAt !== undefined),
    ],
  });
  return rows.flatMap((row, position) => {
    const reservation = reservations[position];
    return reservation === undefined ? [] : [outcomeOf(row, reservation)];
  });
}

function outcomeOf(row: Row, { order, reference, request, expiresAt, resolveBy }: Reservation): ReservationOutcome {
  const ending: EndingDebit = {
    ...order,
    debitId: row.debit_id,
    reference,
    chainId: row.chain_id,
    orderedAt: request.signedAt,
    receivedAt: request.receivedAt,
    expiresAt,
    resolveBy,
    request,
  };
  switch (row.verdict) {
    case 'RESERVED':
      return {
        verdict: 'RESERVED',
        debit: {
          ...ending,
          debtor: row.rib,
          collectionAccount: row.collection_account,
          certificateJti: row.certificate_jti,
          authorisedAt: row.authorised_at,
        },
      };
    case 'REFUSED':
      return {
        verdict: 'REFUSED',
        debit: ending,
        refusal: { reason: row.refusal, ceiling: ceilingDetail(row.refusal_detail) },
      };
    case 'SCHEDULED':
    case 'WAITS':
    case 'CLAIMED':
    case 'KNOWN':
    case 'NAME_TAKEN':
      return { verdict: row.verdict, debitId: row.debit_id };
    case 'LATER':
    case 'JTI_REUSED':
    case 'MANDATE_NOT_FOUND':
    case 'STOPPED':
    case 'OTHER_EMPLOYER':
    case 'DATE_OUT_OF_RANGE':
    case 'EXPIRY_OUT_OF_RANGE':
    case 'DEBITS_A_DAY':
    case 'FUNDS_REFUSALS':
    case 'DECLARED_DIFFERS':
    case 'DECLARATION_PAID':
    case 'OVER_DECLARED':
      return { verdict: row.verdict };
  }
}
