import type { Queryable } from '../database/queryable.ts';
import type { DebitId, TokenId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import { creditedAccount } from './open-debit.sql.ts';

/** Whom the printed receipt names, and the two accounts that it masks. */
export type ReceiptParties = {
  creditor: { nameFr: string; nameAr: string };
  employer: { nameFr: string; nameAr: string };
  debitedAccount: Rib;
  creditedAccount: Rib;
};

export async function selectReceiptParties(db: Queryable, debitId: DebitId): Promise<ReceiptParties> {
  const { rows } = await db.query<{
    creditor_fr: string;
    creditor_ar: string;
    name_fr: string;
    name_ar: string;
    rib: Rib;
    collection_account: Rib;
  }>({
    name: 'select-receipt-parties',
    text: `
      select creditors.name_fr as creditor_fr, creditors.name_ar as creditor_ar, ${creditedAccount} as collection_account,
             mandate_debtors.name_fr, mandate_debtors.name_ar, rib
        from debits join creditors using (creditor_code) join mandate_debtors using (mandate_id)
       where debit_id = $1`,
    values: [debitId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a settled debit has no parties');
  return {
    creditor: { nameFr: row.creditor_fr, nameAr: row.creditor_ar },
    employer: { nameFr: row.name_fr, nameAr: row.name_ar },
    debitedAccount: row.rib,
    creditedAccount: row.collection_account,
  };
}

/** The thumbprint of the key that signed a token. */
export async function selectTokenKey(db: Queryable, jti: TokenId): Promise<string> {
  const { rows } = await db.query<{ key_thumbprint: string }>({
    name: 'select-token-key',
    text: 'select key_thumbprint from tokens where jti = $1',
    values: [jti],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a token that was named is not stored');
  return row.key_thumbprint;
}
