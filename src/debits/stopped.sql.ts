/*
 * What the bank stopped (src/stops). Read with a row lock: so the statement holds the table's weak lock from before its
 * snapshot, and whoever stops and then outwaits that lock has outwaited everyone who could not see the stop.
 */

/** The body of a CTE `stop`: what stands for any of these creditors and chains, each a query of one column. */
export const standingStops = (creditors: string, chains: string): string => `
  select scope, creditor_code, chain_id from stops
   where ended_at is null and (scope = 'ALL' or scope = 'CREDITOR' and creditor_code in (${creditors}) or chain_id in (${chains}))
     for key share`;

/** Whether `from`, that CTE or the table's standing rows, stops debits of that creditor and chain. */
export const isStopped = (creditor: string, chain: string, from = 'stop'): string => `
  exists (select from ${from} as standing
           where standing.scope = 'ALL' or standing.creditor_code = ${creditor}
             and (standing.scope = 'CREDITOR' or standing.chain_id = ${chain}))`;

/** The same without a lock, for what only looks which work there is. */
export const isStoppedNow = (creditor: string, chain: string): string =>
  isStopped(creditor, chain, '(select * from stops where ended_at is null)');

/** The same of each of many `debits`: what stands is read once, and not for each row. */
export const areStoppedNow = `
  (exists (select from stops where ended_at is null and scope = 'ALL')
   or debits.creditor_code = any (array(select creditor_code from stops where ended_at is null and scope = 'CREDITOR'))
   or debits.mandate_id = any (array(
     select stopped.mandate_id from mandates stopped join stops using (chain_id) where ended_at is null)))`;

/**
 * After a restore, until two people have started again: what was never sent, as far as is known, may have moved in the
 * lost time, and may not end.
 */
export const startsAgain = `exists (select from restores join stops using (stop_id) where ended_at is null)`;
