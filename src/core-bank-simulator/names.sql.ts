import type { Queryable } from '../database/queryable.ts';
import type { CoreReference } from '../values/ids.ts';
import type { BusKind } from './kind.ts';
import { parseLedgerName } from './ledger-name.ts';

export type Named = { reference: CoreReference; notAfter: Date | null };

/** Each item's latest generation, with what the ledger has under it, and whether a bus of that kind still knows it. */
const latestOf = (memorySeconds: string, keepsRefusals: string): string => `
  lateral (
    select names.generation, names.not_after, stored.outcome,
           coalesce((stored.outcome = 'REFUSED' and not ${keepsRefusals}::boolean)
             or clock_timestamp() > greatest(names.not_after, stored.decided_at)
                                    + make_interval(secs => ${memorySeconds}::float8), false)
           and stored.outcome is not null as forgotten
      from simulator.names
      left join ledger.bookings stored on stored.reference = simulator.ledger_name(names.reference, names.generation)
     where names.reference = item.reference
     order by names.generation desc limit 1
  ) latest`;

/**
 * The ledger's name under which each reference is to be decided: the one that stands there, or the next where the bus
 * has forgotten what it came to. Answers in the order asked.
 */
export async function placeNames(db: Queryable, kind: BusKind, items: readonly Named[]): Promise<CoreReference[]> {
  const { rows } = await db.query<{ name: string }>({
    name: 'simulator-place-names',
    text: `
      with item as (
        select * from unnest($1::text[], $2::timestamptz[]) with ordinality as item (reference, not_after, position)
      ), next as (
        select reference, max(item.not_after) as not_after,
               max(coalesce(latest.generation + latest.forgotten::int, 1)) as generation
          from item left join ${latestOf('$3', '$4')} on true
         group by reference
      ), placed as (
        insert into simulator.names (reference, generation, not_after)
        select reference, generation, not_after from next order by reference
        on conflict (reference, generation) do update set not_after = greatest(names.not_after, excluded.not_after)
      )
      select simulator.ledger_name(reference, generation) as name from item join next using (reference) order by position`,
    values: [
      items.map(({ reference }) => reference),
      items.map(({ notAfter }) => notAfter),
      kind.memorySeconds,
      kind.keepsRefusals,
    ],
  });
  return rows.map(({ name }) => parseLedgerName(name));
}

/** The ledger's name of each reference that a bus of that kind still knows; undefined where it would say that it never came. */
export async function recallNames(
  db: Queryable,
  kind: BusKind,
  references: readonly CoreReference[],
): Promise<(CoreReference | undefined)[]> {
  const { rows } = await db.query<{ name: string | null }>({
    name: 'simulator-recall-names',
    text: `
      select case when not latest.forgotten then simulator.ledger_name(item.reference, latest.generation) end as name
        from unnest($1::text[]) with ordinality as item (reference, position)
        left join ${latestOf('$2', '$3')} on true
       order by position`,
    values: [references, kind.memorySeconds, kind.keepsRefusals],
  });
  return rows.map(({ name }) => (name === null ? undefined : parseLedgerName(name)));
}

/** The ledger's name under which each reference has moved, if it has, whatever the bus remembers of it: what a reversal gives back. */
export async function movedNames(db: Queryable, references: readonly CoreReference[]): Promise<CoreReference[]> {
  const { rows } = await db.query<{ name: string }>({
    name: 'simulator-moved-names',
    text: `
      select coalesce(moved.name, item.reference) as name
        from unnest($1::text[]) with ordinality as item (reference, position)
        left join lateral (
          select bookings.reference as name
            from simulator.names join ledger.bookings
              on bookings.reference = simulator.ledger_name(names.reference, names.generation)
           where names.reference = item.reference and bookings.outcome = 'MOVED'
           order by names.generation desc limit 1
        ) moved on true
       order by position`,
    values: [references],
  });
  return rows.map(({ name }) => parseLedgerName(name));
}
