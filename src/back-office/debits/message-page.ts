import { selectMessageBody } from '../../core-banking/iso20022/messages.sql.ts';
import type { BackOfficePage, PageAnswer, Visit } from '../page.ts';
import { noSuchDebit, withFile } from './debit.ts';
import { auditors, exportMessages, messagesExportPath, seesMessages } from './messages.ts';
import { type DebitPageParts, debitPath, readers } from './parts.ts';

/** The list of a debit's messages with the bus as a file, and one of them byte for byte. */
export const messagePages = (parts: DebitPageParts): BackOfficePage[] => [
  {
    method: 'GET',
    path: messagesExportPath(':debitId'),
    section: 'debits',
    roles: readers,
    run: (visit) =>
      withFile(parts, visit, ({ debit: { debitId } }) => ({
        ...exportMessages(parts, visit, debitId),
        ...{ read: [{ kind: 'debit.read', subjectId: debitId }] },
      })),
  },
  {
    method: 'GET',
    path: `${debitPath(':debitId')}/messages/:messageId`,
    section: 'debits',
    roles: auditors,
    run: (visit) => message(parts, visit),
  },
];

const message = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withFile(parts, visit, async ({ debit: { debitId } }) => {
    const { messageId = '' } = visit.params;
    const body = seesMessages(visit.staff) ? await selectMessageBody(parts.db, debitId, messageId) : undefined;
    if (body === undefined) return noSuchDebit(visit);
    return {
      answer: 'FILE',
      type: 'application/xml',
      name: `${messageId}.xml`,
      content: body,
      foreign: true,
      read: [{ kind: 'debit.read', subjectId: debitId }],
    };
  });
