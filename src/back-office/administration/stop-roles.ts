import type { StopScope } from '../../stops/stop.ts';
import type { Visit } from '../page.ts';
import { hasRole, type Role } from '../staff.ts';

/** One person stops a mandate that they see; all, or a creditor's, who answers for the whole bank. Two start again. */
export const stoppers: readonly Role[] = ['officer', 'supervisor', 'administrator'];
export const starters: readonly Role[] = ['supervisor', 'administrator'];

export const wideStoppers = ({ staff }: Visit): boolean =>
  hasRole(staff, ['administrator']) || (hasRole(staff, ['supervisor']) && staff.agencies === 'ALL');

/** Whoever may not stop as widely neither starts it again nor reads how much of the whole bank it holds. */
export const answersFor = (visit: Visit, scope: StopScope['scope']): boolean =>
  scope === 'MANDATE' || wideStoppers(visit);

/** The auditor of the whole bank reads the figures too. */
export const seesHeld = (visit: Visit, scope: StopScope['scope']): boolean =>
  visit.staff.agencies === 'ALL' || answersFor(visit, scope);
