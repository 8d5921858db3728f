import { currency, formatAmount, subtract, sumOf } from '../values/centimes.ts';
import { addDays, formatInstant, startOfAlgiersDay } from '../values/dates.ts';
import type { FileWriter } from './file-writer.ts';
import type { CutStatement, StatementLine } from './statement.ts';
import { type XmlNode, xmlStart, xmlText } from './xml.ts';

/**
 * The notification of what moved on the creditor's account (ISO 20022 camt.054.001.08): one credit entry for each debit
 * that settled, one debit entry for each that was reversed. What moved nothing (rejected, cancelled, open) is no entry.
 */
export function camt054Writer(statement: CutStatement): FileWriter {
  return {
    head: () =>
      [
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
        xmlStart('Ntfctn'),
        ...notification(statement).map(xmlText),
      ].join(''),
    lines: (lines) =>
      lines
        .filter(moved)
        .map((line) => xmlText(entry(statement, line)))
        .join(''),
    open: () => '',
    tail: () => '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>',
  };
}

/** At most 35 characters: a statement's id as 32 hexadecimal digits. */
const messageId = ({ statementId }: CutStatement): string => statementId.replaceAll('-', '');

function notification(statement: CutStatement): XmlNode[] {
  const { day, sequence, cutAt, collectionAccount, figures } = statement;
  const { SETTLED: settled, REVERSED: reversed } = figures;
  const credit = settled.amount >= reversed.amount;
  const net = credit ? subtract(settled.amount, reversed.amount) : subtract(reversed.amount, settled.amount);
  return [
    ['Id', messageId(statement)],
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
        ['Id', [['Othr', [['Id', collectionAccount]]]]],
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
