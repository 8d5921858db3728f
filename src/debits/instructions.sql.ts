import type { DebitInstruction } from '../core-banking/port.ts';
import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { CoreReference } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import { creditedAccount, debitNotBefore } from './open-debit.sql.ts';
import { reversalNotBefore } from './open-reversal.sql.ts';

export type InstructionHeld = Pick<DebitInstruction, 'amount' | 'debtor' | 'creditor' | 'notBefore'> & {
  ofReversal: boolean;
};

/**
 * What each debit or reversal instructs by its own row: what its confirmation will say of it. A debit that was rejected
 * or cancelled holds no account: its creditor may have another by now.
 */
export async function selectInstructionsHeld(
  db: Queryable,
  references: readonly CoreReference[],
): Promise<ReadonlyMap<CoreReference, InstructionHeld>> {
  const { rows } = await db.query<{
    reference: CoreReference;
    amount: string;
    debtor: Rib;
    creditor: Rib;
    not_before: Date;
    of_reversal: boolean;
  }>({
    name: 'select-instructions-held',
    text: `
      select debits.core_reference as reference, debits.amount, rib as debtor, ${creditedAccount} as creditor,
             ${debitNotBefore} as not_before, false as of_reversal
        from debits join mandate_debtors using (mandate_id) join creditors on creditors.creditor_code = debits.creditor_code
       where debits.core_reference = any ($1::text[]) and debits.state not in ('REJECTED', 'CANCELLED')
      union all
      select reversals.core_reference, reversals.amount, rib, ${creditedAccount},
             ${reversalNotBefore}, true
        from reversals join debits on debits.debit_id = reversals.debit_id join mandate_debtors using (mandate_id)
        join creditors on creditors.creditor_code = debits.creditor_code
       where reversals.core_reference = any ($1::text[])`,
    values: [references],
  });
  return new Map(
    rows.map(({ reference, amount, debtor, creditor, not_before, of_reversal }) => [
      reference,
      { amount: centimesFromDatabase(amount), debtor, creditor, notBefore: not_before, ofReversal: of_reversal },
    ]),
  );
}
