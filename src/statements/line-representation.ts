import type { components } from '../contract/generated.ts';
import { placeText } from '../journal/canonical.ts';
import { currency, formatAmount } from '../values/centimes.ts';
import { algiersDay, formatInstant } from '../values/dates.ts';
import type { LineTerms, OpenLine, StatementLine } from './statement.ts';

type Schemas = components['schemas'];

/** As the contract shows it (schema StatementLine), its members always in this order: the files' bytes hang on it. */
export const lineResource = (line: StatementLine): Schemas['StatementLine'] => ({
  outcome: line.outcome,
  place: placeText(line.place),
  ...names(line),
  ...(line.terms && terms(line.terms)),
  ...times(line),
  ...(line.reason && { reasonCode: line.reason }),
  ...(line.booking && {
    bookingReference: line.booking.bookingReference,
    executedAt: line.booking.executedAt,
    executedOn: algiersDay(new Date(line.booking.executedAt)),
    bookingDate: line.booking.bookingDate,
    valueDate: line.booking.valueDate,
    ...(line.booking.debitedAccount && { debitedAccount: line.booking.debitedAccount }),
    ...(line.booking.creditedAccount && { creditedAccount: line.booking.creditedAccount }),
  }),
  finalAt: formatInstant(line.finalAt),
  finalOn: algiersDay(line.finalAt),
  ...(line.jti && { jti: line.jti }),
  ...(line.corrects && { corrects: line.corrects }),
});

/** Schema OpenStatementLine. */
export const openLineResource = (line: OpenLine): Schemas['OpenStatementLine'] => ({
  outcome: 'OPEN',
  state: line.state,
  ...names(line),
  ...terms(line.terms),
  ...times(line),
});

type Debit = Omit<StatementLine, 'outcome'> | OpenLine;

const names = ({ endToEndId, debitId }: Pick<Debit, 'endToEndId' | 'debitId'>) => ({ endToEndId, debitId });

const terms = ({ mandateId, employerNumber, declaration, declared, amount }: LineTerms) => ({
  mandateId,
  employerNumber,
  declaration: { reference: declaration, declaredAmount: formatAmount(declared) },
  amount: formatAmount(amount),
  currency,
});

const times = ({
  executionDate,
  orderedAt,
  receivedAt,
}: Pick<Debit, 'executionDate' | 'orderedAt' | 'receivedAt'>) => ({
  ...(executionDate && { executionDate }),
  orderedAt: formatInstant(orderedAt),
  orderedOn: algiersDay(orderedAt),
  receivedAt: formatInstant(receivedAt),
  receivedOn: algiersDay(receivedAt),
});
