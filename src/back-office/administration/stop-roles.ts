import type { Visit } from '../page.ts';
import { hasRole, type Role } from '../staff.ts';

/** One person stops a mandate that they see; all, or a creditor's, who answers for the whole bank. Two start again. */
export const stoppers: readonly Role[] = ['officer', 'supervisor', 'administrator'];
export const starters: readonly Role[] = ['supervisor', 'administrator'];

export const wideStoppers = ({ staff }: Visit): boolean =>
  hasRole(staff, ['administrator']) || (hasRole(staff, ['supervisor']) && staff.agencies === 'ALL');
