import type { BackOfficePage } from '../page.ts';
import { roles } from '../staff.ts';
import { entryPage } from './entry.ts';
import { type AuditParts, auditPath } from './shared.ts';
import { exportTrail, trailPage } from './trail.ts';

/** The audit trail. Open to all, since everyone may see what the journal says of their own acts; auditors see everything. */
export const auditPages = (parts: AuditParts): BackOfficePage[] => [
  { method: 'GET', path: auditPath, section: 'audit', roles, run: (visit) => trailPage(parts, visit) },
  { method: 'GET', path: `${auditPath}/export`, section: 'audit', roles, run: (visit) => exportTrail(parts, visit) },
  {
    method: 'GET',
    path: `${auditPath}/entries/:entryId`,
    section: 'audit',
    roles,
    run: (visit) => entryPage(parts, visit),
  },
];
