import { html } from 'hono/html';
import { type MessageKept, selectMessagesOf } from '../../core-banking/iso20022/messages.sql.ts';
import { formatInstant } from '../../values/dates.ts';
import type { DebitId } from '../../values/ids.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import { badge } from '../look/badge.ts';
import { section } from '../look/blocks.ts';
import { csvLink, table } from '../look/table.ts';
import { type Content, instantText, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { hasRole, type Role, type Staff } from '../staff.ts';
import type { WordKey, Words } from '../words/words.ts';
import { type DebitPageParts, debitPath } from './parts.ts';
import { contradictionWords } from './said.ts';

/** As many as a page shows: the file has what is older too. */
const most = 100;
const rowsExported = 500;

export const auditors: readonly Role[] = ['auditor'];

/** A message holds many debits at once, of any agency: its bytes are for auditors who see all of them. */
export const seesMessages = (staff: Staff): boolean => hasRole(staff, auditors) && staff.agencies === 'ALL';

/** What was exchanged with the bank's own bus about a debit; nothing where the ledger moves the money. */
export async function messageSection(
  { db }: DebitPageParts,
  { words, staff }: Visit,
  debitId: DebitId,
): Promise<Content> {
  const messages = await selectMessagesOf(db, debitId, { limit: most });
  if (messages.length === 0) return '';
  const shown = seesMessages(staff);
  return section(
    words.say('debits.messages'),
    table<MessageKept>({
      caption: words.say('debits.messages'),
      captionHidden: true,
      rows: messages,
      empty: '',
      mark: ({ differences }) => (differences.length > 0 ? 'danger' : undefined),
      columns: [
        {
          heading: words.say('debits.message-time'),
          names: true,
          cell: ({ exchangedAt }) => instantText(words, exchangedAt),
        },
        {
          heading: words.say('debits.message-direction'),
          cell: ({ direction }) => words.say(`debits.message.${direction}`),
        },
        {
          heading: words.say('debits.message-type'),
          cell: ({ type, hasBody, messageId }) => {
            const name = type === undefined ? words.say('debits.message-none-read') : ltr(type);
            return shown && hasBody ? html`<a href="${debitPath(debitId)}/messages/${messageId}">${name}</a>` : name;
          },
        },
        { heading: words.say('debits.message-outcome'), cell: (one) => outcomeText(words, one) },
      ],
    }),
    csvLink(words, { path: messagesExportPath(debitId), query: new URLSearchParams() }),
  );
}

export const messagesExportPath = (debitId: string): string => `${debitPath(debitId)}/messages/export`;

const outcomeWords: Record<Exclude<MessageKept['outcome'], undefined>, WordKey> = {
  ANSWERED: 'debits.message.ANSWERED',
  UNREADABLE: 'debits.message.UNREADABLE',
  HTTP_STATUS: 'debits.message.HTTP_STATUS',
  TOO_LARGE: 'debits.message.TOO_LARGE',
  TIMED_OUT: 'debits.message.TIMED_OUT',
  BROKEN_OFF: 'debits.message.BROKEN_OFF',
  NOT_CONNECTED: 'debits.message.NOT_CONNECTED',
  NOT_SENT: 'debits.message.NOT_SENT',
};

const outcomeText = (words: Words, message: MessageKept): Content =>
  message.differences.length > 0
    ? html`${message.differences.map((difference) => badge('bad', words.say(contradictionWords[difference])))}`
    : exchangeText(words, message);

function exchangeText(words: Words, { outcome, httpStatus }: MessageKept): string {
  if (outcome === undefined) return '';
  return outcome === 'HTTP_STATUS'
    ? words.say('debits.message.HTTP_STATUS', { status: String(httpStatus ?? '') })
    : words.say(outcomeWords[outcome]);
}

/** All of them, without their bytes. */
export function exportMessages({ db }: DebitPageParts, { words }: Visit, debitId: DebitId): PageAnswer {
  const rows = pageByPage<MessageKept>((last) =>
    selectMessagesOf(db, debitId, { before: last?.messageId, limit: rowsExported }),
  );
  const text = (title: WordKey, of: (message: MessageKept) => string): CsvColumn<MessageKept> => ({
    ...{ title: words.say(title), kind: 'TEXT', of },
  });
  const columns = [
    text('debits.message-time', ({ exchangedAt }) => formatInstant(exchangedAt)),
    text('debits.message-direction', ({ direction }) => words.say(`debits.message.${direction}`)),
    text('debits.message-type', ({ type }) => type ?? ''),
    text('debits.message-outcome', (message) => exchangeText(words, message)),
    text('debits.message-differences', ({ differences }) =>
      differences.map((difference) => words.say(contradictionWords[difference])).join('; '),
    ),
  ];
  return csvFile(words, `${debitId}-messages.csv`, columns, rows);
}
