import { currency, formatAmount, subtract, sumOf } from '../values/centimes.ts';
import { addDays, formatInstant, startOfAlgiersDay } from '../values/dates.ts';
import type { FileWriter, FileWriters } from './file-writer.ts';
import { type AccountFigures, type CutStatement, type StatementLine, statementFormat } from './statement.ts';
import { type XmlNode, xmlStart, xmlText } from './xml.ts';

/**
 * The notifications of what moved on the creditor's accounts (ISO 20022 camt.054.001.08), one of each, a pass each: one
 * credit entry for each debit that settled, one debit entry for each that was reversed. What moved nothing (rejected,
 * cancelled, open) is no entry; a day without entries has one notification, of the account at its end.
 */
export function camt054Writers(statement: CutStatement): FileWriters {
  const [first, ...further] = notificationsOf(statement);
  const last = further.at(-1) ?? first;
  const writer = (notification: Notification): FileWriter => ({
    head: () =>
      [...(notification === first ? start(statement) : []), ...notificationStart(statement, notification)].join(''),
    lines: (lines) =>
      lines
        .filter(moved)
        .filter(({ account }) => first === last || account === notification.account)
        .map((line) => xmlText(entry(statement, line)))
        .join(''),
    open: () => '',
    tail: () => `</Ntfctn>${notification === last ? '</BkToCstmrDbtCdtNtfctn></Document>' : ''}`,
  });
  return [writer(first), ...further.map(writer)];
}

type Notification = AccountFigures & { id: string };

function notificationsOf(statement: CutStatement): readonly [Notification, ...Notification[]] {
  const { accounts, collectionAccount, figures } = statement;
  const id = messageId(statement);
  const [first, ...further] = statementFormat(statement) < 4 ? [] : accounts;
  if (first === undefined)
    return [{ id, account: collectionAccount, settled: figures.SETTLED, reversed: figures.REVERSED }];
  if (further.length === 0) return [{ ...first, id }];
  // Two characters are left for it: 1 to 9, a to z, and so on.
  return [{ ...first, id: `${id}-1` }, ...further.map((one, at) => ({ ...one, id: `${id}-${(at + 2).toString(36)}` }))];
}

const start = (statement: CutStatement): string[] => [
  '<?xml version="1.0" encoding="UTF-8"?>',
  xmlStart('Document', { xmlns: 'urn:iso:std:iso:20022:tech:xsd:camt.054.001.08' }),
  xmlStart('BkToCstmrDbtCdtNtfctn'),
  xmlText([
    'GrpHdr',
    [
      ['MsgId', messageId(statement)],
      ['CreDtTm', formatInstant(statement.cutAt)],
    ],
  ]),
];

const notificationStart = (statement: CutStatement, notification: Notification): string[] => [
  xmlStart('Ntfctn'),
  ...notificationHead(statement, notification).map(xmlText),
];

/** At most 35 characters: a statement's id as 32 hexadecimal digits. */
const messageId = ({ statementId }: CutStatement): string => statementId.replaceAll('-', '');

function notificationHead({ day, sequence, cutAt }: CutStatement, notification: Notification): XmlNode[] {
  const { id, account, settled, reversed } = notification;
  const credit = settled.amount >= reversed.amount;
  const net = credit ? subtract(settled.amount, reversed.amount) : subtract(reversed.amount, settled.amount);
  return [
    ['Id', id],
    ['ElctrncSeqNb', String(sequence)],
    ['CreDtTm', formatInstant(cutAt)],
    [
      'FrToDt',
      [
        ['FrDtTm', formatInstant(startOfAlgiersDay(day))],
        ['ToDtTm', formatInstant(startOfAlgiersDay(addDays(day, 1)))],
      ],
    ],
    [
      'Acct',
      [
        ['Id', [['Othr', [['Id', account]]]]],
        ['Ccy', currency],
      ],
    ],
    [
      'TxsSummry',
      [
        [
          'TtlNtries',
          [
            ['NbOfNtries', String(settled.debits + reversed.debits)],
            ['Sum', formatAmount(sumOf([settled.amount, reversed.amount]))],
            [
              'TtlNetNtry',
              [
                ['Amt', formatAmount(net)],
                ['CdtDbtInd', credit ? 'CRDT' : 'DBIT'],
              ],
            ],
          ],
        ],
        [
          'TtlCdtNtries',
          [
            ['NbOfNtries', String(settled.debits)],
            ['Sum', formatAmount(settled.amount)],
          ],
        ],
        [
          'TtlDbtNtries',
          [
            ['NbOfNtries', String(reversed.debits)],
            ['Sum', formatAmount(reversed.amount)],
          ],
        ],
      ],
    ],
  ];
}

const moved = ({ outcome }: StatementLine): boolean => outcome === 'SETTLED' || outcome === 'REVERSED';

function entry(statement: CutStatement, line: StatementLine): XmlNode {
  const { terms, booking } = line;
  // Left out, it would make the file's totals wrong without a word.
  if (booking === undefined) throw new Error(`a line that is ${line.outcome} has no booking`);
  const amount = terms === undefined ? '0.00' : formatAmount(terms.amount);
  const reversal = line.outcome === 'REVERSED';
  // The message has room for 35 characters; a core's longer reference goes where there is more.
  const short = booking.bookingReference.length <= 35 ? booking.bookingReference : undefined;
  // Debtor is who pays the contribution, also where the money comes back.
  const employers = reversal ? booking.creditedAccount : booking.debitedAccount;
  const indicator = reversal ? 'DBIT' : 'CRDT';
  return [
    'Ntry',
    [
      ['NtryRef', `${line.place.epoch}-${line.place.number}`],
      ['Amt', amount, { Ccy: currency }],
      ['CdtDbtInd', indicator],
      ['RvslInd', reversal ? 'true' : undefined],
      ['Sts', [['Cd', 'BOOK']]],
      ['BookgDt', [['Dt', booking.bookingDate]]],
      ['ValDt', [['Dt', booking.valueDate]]],
      ['AcctSvcrRef', short],
      // Payments, issued direct debits: pre-authorised, or reversed (ISO external bank transaction codes).
      [
        'BkTxCd',
        [
          [
            'Domn',
            [
              ['Cd', 'PMNT'],
              [
                'Fmly',
                [
                  ['Cd', 'IDDT'],
                  ['SubFmlyCd', reversal ? 'PRDD' : 'PADD'],
                ],
              ],
            ],
          ],
        ],
      ],
      [
        'NtryDtls',
        [
          [
            'TxDtls',
            [
              [
                'Refs',
                [
                  ['MsgId', messageId(statement)],
                  ['AcctSvcrRef', short],
                  ['EndToEndId', line.endToEndId],
                  ['TxId', line.debitId.replaceAll('-', '')],
                  ['MndtId', terms?.mandateId.replaceAll('-', '')],
                  [
                    'Prtry',
                    line.jti && [
                      ['Tp', 'jti'],
                      ['Ref', line.jti.replaceAll('-', '')],
                    ],
                  ],
                ],
              ],
              ['Amt', amount, { Ccy: currency }],
              ['CdtDbtInd', indicator],
              [
                'RltdPties',
                terms && [
                  ['Dbtr', [['Pty', [['Id', [['OrgId', [['Othr', [['Id', terms.employerNumber]]]]]]]]]]],
                  ['DbtrAcct', employers && [['Id', [['Othr', [['Id', employers]]]]]]],
                ],
              ],
              ['RmtInf', terms && [['Strd', [['CdtrRefInf', [['Ref', terms.declaration]]]]]]],
              [
                'RltdDts',
                [
                  ['AccptncDtTm', formatInstant(line.receivedAt)],
                  ['TxDtTm', booking.executedAt],
                ],
              ],
            ],
          ],
        ],
      ],
      ['AddtlNtryInf', short === undefined ? booking.bookingReference : undefined],
    ],
  ];
}
