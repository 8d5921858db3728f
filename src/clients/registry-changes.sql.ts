import type { Queryable } from '../database/queryable.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import type { RegistryAct } from './clients.sql.ts';

export type ChangeRow = { creditor_code: CreditorCode; body: string; digest: string };

/** Keeps what was uploaded or typed, so that a proposal can name it. */
export async function insertRegistryChange(
  db: Queryable,
  change: { changeId: string; creditorCode: CreditorCode; body: string; digest: string; by: string },
): Promise<void> {
  await db.query({
    name: 'insert-registry-change',
    text: `insert into registry_changes (change_id, creditor_code, body, digest, entered_by)
           values ($1, $2, $3, $4, $5)`,
    values: [change.changeId, change.creditorCode, change.body, change.digest, change.by],
  });
}

export async function selectRegistryChange(db: Queryable, changeId: string): Promise<ChangeRow | undefined> {
  const { rows } = await db.query<ChangeRow>({
    name: 'select-registry-change',
    text: 'select creditor_code, body, digest from registry_changes where change_id = $1',
    values: [changeId],
  });
  return rows[0];
}

/** Gives the creditor another collection account, with the journal row. False where there is no such creditor. */
export async function updateCollectionAccount(
  db: Queryable,
  { creditorCode, collectionAccount }: { creditorCode: CreditorCode; collectionAccount: Rib },
  { by, from, proposalId }: RegistryAct,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'update-collection-account',
    text: `
      with changed as (
        update creditors set collection_account = $2, account_as = $5 where creditor_code = $1 returning creditor_code
      )
      insert into journal (kind, creditor_code, side, actor, detail)
      select 'creditor.account-changed', creditor_code, 'bank', $3,
             jsonb_strip_nulls(jsonb_build_object('from', $4::text, 'proposal', $5::uuid)) from changed`,
    values: [creditorCode, collectionAccount, by, from ?? null, proposalId ?? null],
  });
  return rowCount === 1;
}
