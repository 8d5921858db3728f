/**
 * After a restore: money of this employer moved for a debit that nobody here has heard of yet. Which declaration it paid is
 * not known, so that another debit could pay it again. Declarations are an employer's, whichever account pays them: the
 * employers are those of all the creditor's mandates with that account.
 */
export const owesAClaim = (creditor: string, employer: string): string => `
  exists (select from unclaimed_movements u
            join mandate_debtors payer on payer.rib = u.debtor
            join mandates under on under.mandate_id = payer.mandate_id and under.creditor_code = u.creditor_code
           where u.claimed_by is null and u.creditor_code = ${creditor} and under.employer_number = ${employer})`;

/**
 * Body of a lateral query: the mandate of that debit's chain that has the account which the movement debited, which the proofs name. The debit's own
 * before any other, then the one that was accepted last.
 */
export const mandateWithAccount = (debit: string, movement: string): string => `
  select m.mandate_id from mandates own join mandates m on m.chain_id = own.chain_id
    join mandate_debtors payer on payer.mandate_id = m.mandate_id
   where own.mandate_id = ${debit}.mandate_id and own.creditor_code = ${debit}.creditor_code
     and payer.rib = ${movement}.debtor and m.certificate_jti is not null
   order by m.mandate_id = ${debit}.mandate_id desc, m.accepted_at desc nulls last limit 1`;

/** After a restore: it has moved already, from an account that no mandate of its chain has. Never sent, never rejected. */
export const movedElsewhere = (reference: string): string => `
  exists (select from unexplained_movements u where u.reference = ${reference} and u.ending is distinct from 'MET')`;
