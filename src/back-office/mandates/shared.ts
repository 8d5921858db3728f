import type { Dossier } from '../../mandates/dossier.ts';
import type { Debtor } from '../../mandates/mandate.ts';
import { type FoundMandate, lookUpForStaff } from '../../mandates/search.ts';
import { parseMandateId } from '../../values/ids.ts';
import { PageFault } from '../fault.ts';
import type { Reading, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { Role } from '../staff.ts';
import type { Words } from '../words/words.ts';

export type MandateParts = Pick<BackOfficeParts, 'db' | 'cursors' | 'typeset' | 'bank' | 'environment' | 'keysAddress'>;

/** Who looks at mandates, and who acts on them. */
export const readers: readonly Role[] = ['officer', 'supervisor', 'auditor'];
export const actors: readonly Role[] = ['officer', 'supervisor'];
/** Who enters requests: a supervisor would have nobody to certify what they entered themselves. */
export const enterers: readonly Role[] = ['officer'];

/** As it is written in the reader's script. */
export const employerName = (
  { language }: Pick<Words, 'language'>,
  { nameFr, nameAr }: Pick<Debtor, 'nameFr' | 'nameAr'>,
) => (language === 'ar' ? nameAr : nameFr);

/** Whose names a mandate's page shows: its own employer's, and that of the one that it replaces. */
export const readingsOf = ({ mandate, replaced }: Pick<Dossier, 'mandate' | 'replaced'>): Reading[] => [
  { kind: 'mandate.read', subjectId: mandate.mandateId },
  ...(replaced?.debtor === undefined ? [] : [{ kind: 'mandate.read' as const, subjectId: replaced.mandate.mandateId }]),
];

/** The mandate that the address names; another agency's is as unknown. */
export async function mandateOfVisit(
  { db }: Pick<MandateParts, 'db'>,
  { params, staff, now }: Visit,
): Promise<FoundMandate> {
  const mandateId = parseMandateId(params.mandateId ?? '');
  const found =
    mandateId === undefined ? undefined : await lookUpForStaff(db, mandateId, { agencies: staff.agencies, now });
  if (found === undefined) throw new PageFault('not-found');
  return found;
}
