import type { BackOfficePage } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { roles } from '../staff.ts';
import type { ApprovalParts } from './access.ts';
import { decisionPages } from './decisions.ts';
import { approvalKinds } from './kinds.ts';
import { proposalPage } from './proposal-page.ts';
import { exportOwn, exportWaiting, waitingPage } from './waiting-page.ts';

/** What waits for a second person, and the pages on which it decides. */
export function approvalPages(parts: BackOfficeParts): BackOfficePage[] {
  const { db, cursors, agencies } = parts;
  const approvals: ApprovalParts = { db, cursors, agencies, kinds: approvalKinds(parts) };
  const get = (path: string, run: BackOfficePage['run']): BackOfficePage => ({
    ...{ method: 'GET', path, section: 'approvals', roles, run },
  });
  return [
    get('/approvals', (visit) => waitingPage(approvals, visit)),
    get('/approvals/export', (visit) => exportWaiting(approvals, visit)),
    get('/approvals/own/export', (visit) => exportOwn(approvals, visit)),
    get('/approvals/:proposalId', (visit) => proposalPage(approvals, visit)),
    ...decisionPages(approvals),
  ];
}
