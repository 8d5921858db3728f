import type { components } from '../contract/generated.ts';
import type { Sign } from '../signing/signer.ts';
import { type Centimes, currency, formatAmount, noCentimes, subtract, sumOf } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import { type CreditorCode, newTokenId } from '../values/ids.ts';
import { isOpen } from './debit.ts';
import type { DebitRecord, Declaration } from './lookup.sql.ts';

/** Attempts told in one answer; the last ones where there are more. */
const attemptsTold = 200;

/** What the declaration has come to at `now`, in clear and as one signed token (schemas Declaration, DeclarationClaims). */
export async function declarationAnswer(
  sign: Sign,
  creditor: CreditorCode,
  declaration: Declaration,
  now: Date,
): Promise<components['schemas']['Declaration']> {
  const settled = sumWhere(declaration.debits, ({ state }) => state === 'SETTLED');
  const pending = sumWhere(declaration.debits, isPending);
  const declared = declaration.declared ?? noCentimes;
  const claims = {
    reference: declaration.reference,
    employerNumber: declaration.employerNumber,
    currency,
    declaredAmount: formatAmount(declared),
    settledAmount: formatAmount(settled),
    pendingAmount: formatAmount(pending),
    openAmount: formatAmount(subtract(declared, sumOf([settled, pending]))),
    matched: declared === settled,
    attempts: declaration.debits.slice(-attemptsTold).flatMap(attempt),
    attemptCount: declaration.debits.length,
    answeredAt: formatInstant(now),
    answeredOn: algiersDay(now),
  } as const;
  const { token } = await sign({
    type: 'declaration+jwt',
    jti: newTokenId(now),
    audience: creditor,
    issuedAt: now,
    claims,
  });
  return { ...claims, token };
}

/** One whose refusal is still to be signed holds nothing any more. */
const isPending = ({ state, holdsDeclaration }: DebitRecord): boolean => isOpen(state) && holdsDeclaration;

const sumWhere = (debits: readonly DebitRecord[], counts: (debit: DebitRecord) => boolean): Centimes =>
  sumOf(debits.filter(counts).map(({ terms }) => terms?.amount ?? noCentimes));

const attempt = (debit: DebitRecord): components['schemas']['DeclarationAttempt'][] =>
  debit.terms === undefined
    ? []
    : [
        {
          endToEndId: debit.endToEndId,
          state: debit.state,
          amount: formatAmount(debit.terms.amount),
          ...(debit.reason !== undefined && { reasonCode: debit.reason }),
          receivedAt: formatInstant(debit.receivedAt),
          receivedOn: algiersDay(debit.receivedAt),
          ...(debit.settled && {
            executedAt: formatInstant(debit.settled.executedAt),
            executedOn: algiersDay(debit.settled.executedAt),
          }),
          ...(debit.confirmationJti !== undefined && { confirmationJti: debit.confirmationJti }),
          ...(debit.rejectionJti !== undefined && { rejectionJti: debit.rejectionJti }),
        },
      ];
