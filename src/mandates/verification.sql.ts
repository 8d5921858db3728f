import type { Queryable } from '../database/queryable.ts';
import type { Day } from '../values/dates.ts';
import type { CreditorCode, MandateId } from '../values/ids.ts';
import type { MandateState } from './mandate.ts';

/** A genuine certificate that its creditor has shown, to be held against what is stored. */
export type Showing = { mandateId: MandateId; creditor: CreditorCode; at: Date };

export type ShownMandate = { state: MandateState; stateSince: Date; validFrom: Day; validTo: Day };

type Row = { state: MandateState | null; state_since: Date; valid_from: Day; valid_to: Day };

/**
 * Reads what is stored for each certificate, and records its first showing once, with the journal row. Answers in the
 * order asked; undefined for one that this creditor has no mandate for.
 */
export async function readShown(db: Queryable, showings: readonly Showing[]): Promise<(ShownMandate | undefined)[]> {
  const { rows } = await db.query<Row>({
    name: 'read-shown-mandates',
    text: `
      with item as (
        select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])
          with ordinality as item (mandate_id, creditor_code, shown_at, position)
      ), unseen as (
        select mandate_id from mandates
         where mandate_id = any ($1::uuid[]) and shown_at is null and certificate_jti is not null
           and exists (select from item
                        where item.mandate_id = mandates.mandate_id and item.creditor_code = mandates.creditor_code)
         order by chain_id, mandate_id for no key update
      ), seen as (
        update mandates m
           set shown_at = (select min(item.shown_at) from item where item.mandate_id = m.mandate_id)
          from unseen where m.mandate_id = unseen.mandate_id and m.shown_at is null
        returning m.mandate_id, m.creditor_code, m.state
      ), told as (
        insert into journal (creditor_code, kind, subject_id, from_state, to_state, side)
        select creditor_code, 'mandate.shown', mandate_id, state, state, 'creditor' from seen
      )
      select m.state, m.state_since, m.valid_from, m.valid_to
        from item left join mandates m on m.mandate_id = item.mandate_id and m.creditor_code = item.creditor_code
             and m.certificate_jti is not null
       order by position`,
    values: [
      showings.map(({ mandateId }) => mandateId),
      showings.map(({ creditor }) => creditor),
      showings.map(({ at }) => at),
    ],
  });
  return rows.map((row) =>
    row.state === null
      ? undefined
      : { state: row.state, stateSince: row.state_since, validFrom: row.valid_from, validTo: row.valid_to },
  );
}
