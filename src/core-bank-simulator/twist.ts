import { createHash } from 'node:crypto';
import { algiersDay } from '../values/dates.ts';
import type { CancellationLine, StatusLine } from './answer.ts';
import type { Behaviour, OtherField } from './behaviour.ts';

/** The line of a pacs.002 as the behaviour has it: none, one or two. */
export const twistStatus = (line: StatusLine, behaviour: Behaviour | undefined, now: Date): StatusLine[] =>
  twist(line, behaviour, {
    answered({ status, reason, moreReasons = [], proprietary }) {
      const more = [
        ...moreReasons.map((Cd) => ({ Cd })),
        ...(proprietary === undefined ? [] : [{ Prtry: proprietary }]),
      ];
      return { ...namesOf(line), status, ...(reason !== undefined && { reason }), moreReasons: more };
    },
    contrary: () => contraryOf(line, now),
    other: (field, value) => otherLine(line, field, value),
    duplicate: (reason) => ({ ...namesOf(line), status: 'RJCT', reason }),
    refused: (reason) => refusedLine(line, reason),
    moved: () => movedLine(line, now),
  });

/** The same of a camt.029, which is about voids alone. */
export const twistCancellation = (line: CancellationLine, behaviour: Behaviour | undefined): CancellationLine[] =>
  twist(line, behaviour, {
    answered: ({ status }) => ({ ...line, status }),
    contrary: () => contraryCancellation(line),
    other: (field, value) => ({ ...line, ...otherNames(line, field, value) }),
    voided: (isVoided) => ({ ...line, status: isVoided ? 'ACCR' : 'RJCR' }),
  });

/** How each lie changes a line; what its message has no word for is left out, and the line stays. */
type Lies<Line> = {
  answered: (told: Extract<Behaviour, { do: 'answer-status' }>) => Line;
  contrary: () => Line;
  other: (field: OtherField, value: string | undefined) => Line;
  duplicate?: (reason: string) => Line;
  refused?: (reason: string) => Line;
  moved?: () => Line;
  voided?: (isVoided: boolean) => Line;
};

/** What concerns the booking or the exchange changes no line. */
function twist<Line>(line: Line, behaviour: Behaviour | undefined, lies: Lies<Line>): Line[] {
  switch (behaviour?.do) {
    case 'answer-status':
      return [lies.answered(behaviour)];
    case 'leave-out':
      return [];
    case 'answer-twice':
      return [line, behaviour.second === 'same' ? line : lies.contrary()];
    case 'answer-other':
      return [lies.other(behaviour.field, behaviour.value)];
    case 'duplicate-reference':
      return [lies.duplicate?.(behaviour.reason) ?? line];
    case 'says-refused':
      return [lies.refused?.(behaviour.reason) ?? line];
    case 'says-moved':
      return [lies.moved?.() ?? line];
    case 'cannot-void':
    case 'says-voided':
      return [lies.voided?.(behaviour.do === 'says-voided') ?? line];
    case undefined:
    case 'delay':
    case 'answer-late':
    case 'never-answer':
    case 'reset':
    case 'cut':
    case 'fail':
    case 'answer-garbage':
    case 'answer-other-message-id':
    case 'group-status':
    case 'answer-twice-on-connection':
    case 'refuse':
    case 'statement-entry':
      return [line];
  }
}

/** Moved where it was not, refused where it was not. */
export const contraryOf = (line: StatusLine, now: Date): StatusLine =>
  line.status === 'ACSC' ? refusedLine(line, 'AM04') : movedLine(line, now);

export const contraryCancellation = (line: CancellationLine): CancellationLine => ({
  ...line,
  status: line.status === 'ACCR' ? 'RJCR' : 'ACCR',
});

/** Another RIB of the same bank, with a right key: the account's number is one higher. */
export function anotherRib(rib: string): string {
  const account = String((BigInt(rib.slice(3, 18)) + 1n) % 10n ** 15n).padStart(15, '0');
  const key = 97n - ((BigInt(account) * 100n) % 97n);
  return `${rib.slice(0, 3)}${account}${String(key).padStart(2, '0')}`;
}

/** A reference of the right shape that nobody has given. */
export const anotherReference = (reference: string): string =>
  [...createHash('sha256').update(`another than ${reference}`).digest()]
    .map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(byte % 32))
    .join('');

function otherLine(line: StatusLine, field: OtherField, value: string | undefined): StatusLine {
  const { original, booking } = line;
  switch (field) {
    case 'reference':
    case 'endToEndId':
      return { ...line, ...otherNames(line, field, value) };
    case 'bookingReference':
      return booking === undefined
        ? line
        : { ...line, booking: { ...booking, reference: value ?? `${booking.reference}X` } };
    case 'executedAt':
      if (booking === undefined) return line;
      return { ...line, booking: { ...booking, executedAt: new Date(value ?? yearsFrom(booking.executedAt, -1)) } };
    case 'bookingDate':
    case 'valueDate':
      if (booking === undefined) return line;
      return {
        ...line,
        booking: { ...booking, [field]: value ?? yearsFrom(new Date(booking[field]), 1).slice(0, 10) },
      };
    case 'amount':
      return original === undefined
        ? line
        : { ...line, original: { ...original, amount: value ?? centimeMore(original.amount) } };
    case 'currency':
      return original === undefined ? line : { ...line, original: { ...original, currency: value ?? 'EUR' } };
    case 'debtor':
    case 'creditor':
      if (original === undefined) return line;
      return { ...line, original: { ...original, [field]: value ?? anotherRib(original[field]) } };
  }
}

function otherNames(
  { transactionId, endToEndId }: Pick<StatusLine, 'transactionId' | 'endToEndId'>,
  field: OtherField,
  value = anotherReference(transactionId),
): Pick<StatusLine, 'transactionId' | 'endToEndId'> {
  if (field === 'reference') return { transactionId: value, endToEndId: value };
  return { transactionId, endToEndId: field === 'endToEndId' ? value : endToEndId };
}

const namesOf = ({ transactionId, endToEndId }: StatusLine) => ({ transactionId, endToEndId });

function refusedLine({ transactionId, endToEndId, original }: StatusLine, reason: string): StatusLine {
  return { transactionId, endToEndId, status: 'RJCT', reason, ...(original !== undefined && { original }) };
}

/** With a booking that is in no book. */
function movedLine({ transactionId, endToEndId, original }: StatusLine, now: Date): StatusLine {
  const day = algiersDay(now);
  const reference = `LX${day.replaceAll('-', '')}-${transactionId.slice(0, 8)}`;
  const booking = { reference, executedAt: now, bookingDate: day, valueDate: day };
  return { transactionId, endToEndId, status: 'ACSC', booking, ...(original !== undefined && { original }) };
}

/** Of no leap day, which other years have not. */
const yearsFrom = (instant: Date, years: number): string => {
  const [year = '', ...rest] = instant.toISOString().replace('-02-29', '-02-28').split('-');
  return [String(Number(year) + years), ...rest].join('-');
};

function centimeMore(amount: string): string {
  const digits = String(BigInt(amount.replace('.', '')) + 1n).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
