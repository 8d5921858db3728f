import { administrationPages } from './administration/pages.ts';
import { approvalPages } from './approvals/pages.ts';
import { auditPages } from './audit/pages.ts';
import { debitPages } from './debits/pages.ts';
import { mandatePages } from './mandates/pages.ts';
import { overviewPages } from './overview/pages.ts';
import type { BackOfficePage } from './page.ts';
import type { BackOfficeParts } from './parts.ts';
import { requestPages } from './requests/pages.ts';
import { statementPages } from './statements/pages.ts';
import { workPages } from './work/pages.ts';

/** Every page of the back office. Each section adds its own line: `...mandatePages(parts),`. */
export function backOfficePages(parts: BackOfficeParts): BackOfficePage[] {
  return [
    ...administrationPages(parts),
    ...approvalPages(parts),
    ...auditPages(parts),
    ...debitPages(parts),
    ...mandatePages(parts),
    ...overviewPages(parts),
    ...requestPages(parts),
    ...statementPages(parts),
    ...workPages(parts),
  ];
}
