import type { FailedWork } from '../../jobs/dead.ts';
import type { WorkName } from '../../jobs/work.ts';
import { debitPath, readers as debitReaders, mandatePath } from '../debits/parts.ts';
import { readers as mandateReaders } from '../mandates/shared.ts';
import type { BackOfficeParts } from '../parts.ts';
import { hasRole, type Role, type Staff } from '../staff.ts';

export type WorkPageParts = Pick<BackOfficeParts, 'db' | 'cursors'>;

/** Who sees what failed: ids and codes, nobody's name. Who lets it be tried again, which can't do a thing twice. */
export const lookers: readonly Role[] = ['supervisor', 'administrator', 'auditor'];
export const retriers: readonly Role[] = ['supervisor', 'administrator'];

/** The dead wait for people; what failed and is not dead is tried again by itself. */
export type WorkList = 'dead' | 'waiting';
export const workPath = (list: WorkList): string => (list === 'dead' ? '/work' : '/work/waiting');
export const exportPath = (list: WorkList): string => `${workPath(list)}/export`;
export const retryPath = (work: WorkName): string => `/work/${work}/retry`;

const subjectPages: Partial<Record<WorkName, (id: string) => string>> = {
  debits: debitPath,
  'due-dates': debitPath,
  names: debitPath,
  expiries: mandatePath,
};

/** The page of what the work is on, where there is one that this reader may open. */
export function subjectPath({ work, subjectId }: FailedWork, staff: Staff): string | undefined {
  const allowed = hasRole(staff, work === 'expiries' ? mandateReaders : debitReaders);
  return allowed ? subjectPages[work]?.(subjectId) : undefined;
}
