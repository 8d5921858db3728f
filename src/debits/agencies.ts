/** Whose employers a member of staff sees: the agency's five digits, as in a RIB. */
export type Agencies = 'ALL' | readonly string[];

/** As a statement takes it: null for all. */
export const agencyParameter = (agencies: Agencies): readonly string[] | null => (agencies === 'ALL' ? null : agencies);

/** A debit of an employer of these agencies; a burnt name has no employer, and is seen by whoever sees all. */
export const ofAgencies = (parameter: string) =>
  `(${parameter}::text[] is null or mandate_debtors.agency_code = any (${parameter}::text[]))`;
