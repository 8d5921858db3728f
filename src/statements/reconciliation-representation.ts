import { stringify } from 'csv-stringify/sync';
import type { components } from '../contract/generated.ts';
import { debitStates } from '../debits/debit.ts';
import { currency, formatAmount } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import type { Reconciliation, ReconciliationLine } from './reconciliation.ts';
import { listMembers, matchedMembers } from './reconciliation-token.ts';

type Schemas = components['schemas'];

/** As the contract shows it (schema Reconciliation). */
export function reconciliationResource(list: Reconciliation): Schemas['Reconciliation'] {
  const { matched, expected, compared, reference } = list;
  const self = `/v1/reconciliations/${reference}`;
  return {
    ...listMembers(list),
    state: matched === undefined ? 'RECEIVED' : 'MATCHED',
    expected: { count: expected.lines, amount: formatAmount(expected.amount) },
    compared,
    ...(matched && { ...matchedMembers(list, matched), jti: matched.jti, token: matched.token }),
    links: { self, lines: `${self}/lines` },
  };
}

/** Schema ReconciliationLine. */
export function reconciliationLineResource(line: ReconciliationLine): Schemas['ReconciliationLine'] {
  const { expected, settled, debit, finalAt, confirmation } = line;
  const state = debitStates.find((known) => known === line.state);
  return {
    outcome: line.outcome,
    ...(line.line > 0 && { line: line.line }),
    endToEndId: line.endToEndId,
    currency,
    ...(expected && { expectedAmount: formatAmount(expected.amount) }),
    ...(expected?.declaration && { expectedDeclaration: expected.declaration }),
    ...(expected?.employerNumber && { expectedEmployerNumber: expected.employerNumber }),
    ...(settled !== undefined && { settledAmount: formatAmount(settled) }),
    ...(state && { state }),
    ...(debit && { debitId: debit.debitId, ...debit.terms }),
    ...(finalAt && { finalAt: formatInstant(finalAt), finalOn: algiersDay(finalAt) }),
    ...(confirmation && { jti: confirmation }),
  };
}

/** For programs: UTF-8 without a mark, comma, CRLF, a header. Every cell is of letters, digits, points and hyphens. */
const columns = [
  'outcome',
  'line',
  'endToEndId',
  'currency',
  'expectedAmount',
  'expectedDeclaration',
  'expectedEmployerNumber',
  'settledAmount',
  'state',
  'debitId',
  'mandateId',
  'declaration',
  'employerNumber',
  'finalAt',
  'jti',
] as const;

export const csvHeader = (): string => `${columns.join(',')}\r\n`;
export const csvLines = (lines: readonly ReconciliationLine[]): string =>
  lines.length === 0
    ? ''
    : stringify(lines.map(reconciliationLineResource), { columns: [...columns], record_delimiter: '\r\n' });
