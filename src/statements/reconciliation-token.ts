import { placeText } from '../journal/canonical.ts';
import { type Centimes, currency, formatAmount, sumOf } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import type {
  MatchedReconciliation,
  Reconciliation,
  ReconciliationFigure,
  ReconciliationFigures,
} from './reconciliation.ts';

/** The members that the token and the contract's Reconciliation share before it is matched. */
export const listMembers = ({ reference, days, receivedAt, request }: Reconciliation) => ({
  ...{ reference, from: days.first, to: days.last, currency },
  receivedAt: formatInstant(receivedAt),
  receivedOn: algiersDay(receivedAt),
  request: { jti: request.jti, keyThumbprint: request.keyThumbprint, digest: request.digest.toString('base64url') },
});

/** And those once it is. */
export const matchedMembers = (
  { expected }: Pick<Reconciliation, 'expected'>,
  { matchedAt, range, figures }: Omit<MatchedReconciliation, 'jti' | 'token'>,
) => ({
  journal: { after: placeText(range.after), through: placeText(range.through) },
  figures: figureMembers(expected, figures),
  matchedAt: formatInstant(matchedAt),
  matchedOn: algiersDay(matchedAt),
});

export const reconciliationClaims = (
  list: Reconciliation,
  matched: Omit<MatchedReconciliation, 'jti' | 'token'>,
): Readonly<Record<string, unknown>> => ({ ...listMembers(list), ...matchedMembers(list, matched) });

const figureMembers = (expected: Reconciliation['expected'], of: ReconciliationFigures) => ({
  expected: total(expected.lines, expected.amount),
  settled: total(
    of.MATCHED.lines + of.DIFFERING.lines + of.UNEXPECTED.lines,
    sumOf([of.MATCHED.settled, of.DIFFERING.settled, of.UNEXPECTED.settled]),
  ),
  matched: settled(of.MATCHED),
  differing: {
    count: of.DIFFERING.lines,
    expectedAmount: formatAmount(of.DIFFERING.expected),
    settledAmount: formatAmount(of.DIFFERING.settled),
  },
  missing: total(of.MISSING.lines, of.MISSING.expected),
  repeated: total(of.REPEATED.lines, of.REPEATED.expected),
  unexpected: settled(of.UNEXPECTED),
  reversed: settled(of.REVERSED),
});

const total = (count: number, amount: Centimes) => ({ count, amount: formatAmount(amount) });
const settled = (figure: ReconciliationFigure) => total(figure.lines, figure.settled);
