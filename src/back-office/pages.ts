import { html } from 'hono/html';
import { administrationPages } from './administration/pages.ts';
import { approvalPages } from './approvals/pages.ts';
import { auditPages } from './audit/pages.ts';
import { debitPages } from './debits/pages.ts';
import { mandatePages } from './mandates/pages.ts';
import type { BackOfficePage } from './page.ts';
import type { BackOfficeParts } from './parts.ts';
import { roles } from './staff.ts';

/** Every page of the back office. Each slice adds its own line: `...mandatePages(parts),`. */
export function backOfficePages(parts: BackOfficeParts): BackOfficePage[] {
  return [
    overviewStub,
    ...administrationPages(parts),
    ...approvalPages(parts),
    ...auditPages(parts),
    ...debitPages(parts),
    ...mandatePages(parts),
  ];
}

/** Until the overview slice has its own. */
const overviewStub: BackOfficePage = {
  method: 'GET',
  path: '/',
  section: 'overview',
  roles,
  run: async ({ staff }) => ({ answer: 'PAGE', title: 'Overview', content: html`<p>${staff.name}</p>` }),
};
