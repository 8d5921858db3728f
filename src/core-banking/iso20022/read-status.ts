import { isFarApart, parseDay, parseInstant } from '../../values/dates.ts';
import type { CoreReference } from '../../values/ids.ts';
import { type Booking, type CoreDifference, clockSeconds } from '../port.ts';
import { type Asked, accountAt, amountAt, isOurCurrency, linesByReference, type ReadAmount } from './lines.ts';
import { type Meaning, meaningOf, type StatusReason } from './status.ts';
import { childrenOf, only, textAt, type XmlElement } from './xml.ts';

/** What an answer says of one transaction, complete and held against what was sent. */
export type Said = Exclude<Meaning, { meaning: 'MOVED' }> | { meaning: 'MOVED'; booking: Booking };

/** What contradicts the instruction, with what can be read of it. */
export type Difference = {
  reference: CoreReference;
  difference: CoreDifference;
  bookingReference: string | undefined;
  amount: Booking['amount'] | undefined;
  executedAt: Date | undefined;
};

/** It answers another message than the one that was sent: nothing of it is about what was asked. */
export const otherMessage = 'OTHER_MESSAGE';

/** In the order asked. Whatever has a difference is SILENT among what was said. */
export type Judged = { said: readonly Said[]; differences: readonly Difference[] };

const silent: Said = { meaning: 'SILENT' };

/**
 * Reads a pacs.002 and holds it against the message that it answers. Undefined where it is no answer that can be read,
 * OTHER_MESSAGE where it is one to something else.
 */
export function judgeStatusReport(
  root: XmlElement,
  messageId: string,
  asked: readonly Asked[],
  now: Date,
): Judged | typeof otherMessage | undefined {
  const report = only(root, 'FIToFIPmtStsRpt');
  const group = only(report, 'OrgnlGrpInfAndSts');
  const answered = textAt(group, 'OrgnlMsgId');
  if (answered === undefined) return undefined;
  if (answered !== messageId) return otherMessage;

  const lines = linesByReference(
    childrenOf(report, 'TxInfAndSts'),
    asked.map(({ reference }) => reference),
  );
  const judged = asked.map((one) => judgeLines(one, lines.of.get(one.reference) ?? [], now));
  const groupLies = contradictsGroup(
    textAt(group, 'GrpSts'),
    judged.map(({ said }) => said),
  );
  const shared = sharedBookings(judged.map(({ said }) => said));
  const differences = [
    ...lines.mistaken.map((reference) => otherReference({ reference })),
    ...judged.flatMap((one) => one.differences),
    ...asked.flatMap(({ reference }) =>
      groupLies && lines.of.has(reference) ? [differing(reference, 'OTHER_OUTCOME')] : [],
    ),
  ];
  for (const [position, { reference }] of asked.entries()) {
    const said = judged[position]?.said;
    if (said?.meaning !== 'MOVED' || !shared.has(nameOf(said.booking))) continue;
    const { bookingReference, amount, executedAt } = said.booking;
    differences.push({ reference, difference: 'SHARED_BOOKING', bookingReference, amount, executedAt });
  }
  const differing_ = new Set(differences.map(({ reference }) => reference));
  return {
    said: asked.map(({ reference }, position) =>
      differing_.has(reference) ? silent : (judged[position]?.said ?? silent),
    ),
    differences,
  };
}

function judgeLines(asked: Asked, lines: readonly XmlElement[], now: Date): { said: Said; differences: Difference[] } {
  const read = lines.map((line) => readLine(line, asked.ofReversal));
  const [first] = read;
  if (first === undefined) return { said: silent, differences: [] };
  const differences = read.flatMap((line) => differencesOf(asked, line, now));
  // The same line twice is one line; two that differ say nothing that could be chosen from.
  if (read.some((line) => textOf(line) !== textOf(first)))
    differences.push(differing(asked.reference, 'OTHER_OUTCOME', first));
  return { said: saidOf(first), differences };
}

/** One `TxInfAndSts`, as far as it can be read. */
type Line = {
  meaning: Meaning;
  status: string | undefined;
  bookingReference: string | undefined;
  executedAt: Date | undefined;
  bookingDate: Booking['bookingDate'] | undefined;
  valueDate: Booking['valueDate'] | undefined;
  amount: ReadAmount | undefined;
  debtor: ReturnType<typeof accountAt>;
  creditor: ReturnType<typeof accountAt>;
};

function readLine(line: XmlElement, ofReversal: boolean): Line {
  const status = textAt(line, 'TxSts');
  const original = only(line, 'OrgnlTxRef');
  const bookingReference = textAt(line, 'AcctSvcrRef');
  return {
    meaning: meaningOf(status, childrenOf(line, 'StsRsnInf').flatMap(reasonOf), ofReversal),
    status,
    bookingReference: /^[\x21-\x7e]{1,35}$/.test(bookingReference ?? '') ? bookingReference : undefined,
    executedAt: parseInstant(textAt(line, 'AccptncDtTm') ?? ''),
    bookingDate: parseDay(textAt(line, 'FctvIntrBkSttlmDt', 'Dt') ?? ''),
    valueDate: parseDay(textAt(original, 'IntrBkSttlmDt') ?? ''),
    amount: amountAt(original, 'IntrBkSttlmAmt'),
    debtor: accountAt(original, 'DbtrAcct'),
    creditor: accountAt(original, 'CdtrAcct'),
  };
}

function reasonOf(information: XmlElement): StatusReason[] {
  const code = textAt(information, 'Rsn', 'Cd');
  if (code !== undefined) return [{ code }];
  const proprietary = textAt(information, 'Rsn', 'Prtry');
  return proprietary === undefined ? [] : [{ proprietary }];
}

/** Money that moved is believed only with everything that its confirmation says. */
function saidOf({
  meaning,
  bookingReference,
  executedAt,
  bookingDate,
  valueDate,
  amount,
  debtor,
  creditor,
}: Line): Said {
  if (meaning.meaning !== 'MOVED') return meaning;
  const moved = amount?.amount;
  if (bookingReference === undefined || executedAt === undefined || bookingDate === undefined) return silent;
  if (valueDate === undefined || moved === undefined || debtor === undefined || creditor === undefined) return silent;
  return { meaning: 'MOVED', booking: { bookingReference, executedAt, bookingDate, valueDate, amount: moved } };
}

/** Against each instruction that was ever sent under the reference: what differs from all of them. */
function differencesOf({ reference, instructions, notBefore }: Asked, line: Line, now: Date): Difference[] {
  const { amount, debtor, creditor } = line;
  const found: CoreDifference[] = [];
  if (amount !== undefined && !isOurCurrency(amount)) found.push('OTHER_CURRENCY');
  const last = instructions.at(-1);
  const same = instructions.some(
    (sent) =>
      (amount === undefined || amount.amount === sent.amount) &&
      (debtor === undefined || debtor === sent.debtor) &&
      (creditor === undefined || creditor === sent.creditor),
  );
  if (last !== undefined && !same) {
    if (amount !== undefined && amount.amount !== last.amount) found.push('OTHER_AMOUNT');
    if ((debtor !== undefined && debtor !== last.debtor) || (creditor !== undefined && creditor !== last.creditor))
      found.push('OTHER_ACCOUNT');
  }
  if (isOtherTime(line, notBefore, now)) found.push('OTHER_TIME');
  return found.map((difference) => differing(reference, difference, line));
}

/** The time is the proof of when it was paid: not before it was asked for, not yet to come, and on the days of its booking. */
function isOtherTime(
  { meaning, executedAt, bookingDate, valueDate }: Line,
  notBefore: Date | undefined,
  now: Date,
): boolean {
  if (meaning.meaning !== 'MOVED' || executedAt === undefined) return false;
  const time = executedAt.getTime();
  if (time > now.getTime() + clockSeconds * 1000) return true;
  if (notBefore !== undefined && time < notBefore.getTime() - clockSeconds * 1000) return true;
  return [bookingDate, valueDate].some((day) => day !== undefined && isFarApart(day, executedAt));
}

/** The bookings that it names for more than one transaction: each would be confirmed with the other's. */
function sharedBookings(said: readonly Said[]): ReadonlySet<string> {
  const named = said.flatMap((one) => (one.meaning === 'MOVED' ? [nameOf(one.booking)] : []));
  return new Set(named.filter((one, position) => named.indexOf(one) !== position));
}

/** A booking is a reference on its day: a core may count anew each day. */
const nameOf = ({ bookingReference, bookingDate }: Booking): string => `${bookingReference} ${bookingDate}`;

/** 'All rejected' beside one that moved, 'all settled' beside one that did not. */
function contradictsGroup(status: string | undefined, said: readonly Said[]): boolean {
  switch (status) {
    case 'RJCT':
      return said.some(({ meaning }) => meaning === 'MOVED');
    case 'ACSC':
    case 'ACCC':
      return said.some(({ meaning }) => meaning === 'REFUSED' || meaning === 'VOIDED' || meaning === 'UNKNOWN');
    default:
      return false;
  }
}

const differing = (reference: CoreReference, difference: CoreDifference, line?: Line): Difference => ({
  reference,
  difference,
  bookingReference: line?.bookingReference,
  amount: line?.amount?.amount,
  executedAt: line?.executedAt,
});

export const otherReference = ({ reference }: { reference: CoreReference }): Difference =>
  differing(reference, 'OTHER_REFERENCE');

const textOf = (line: Line): string =>
  JSON.stringify(line, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
