import { formatAmount } from '../values/centimes.ts';
import { type BusAnswer, type StatusLine, statusLineOf } from './answer.ts';
import type { Bank, Standing } from './bank.ts';
import type { Behaviour } from './behaviour.ts';
import type { BusRequest, Instruction } from './read-request.ts';
import { anotherRib, twistCancellation, twistStatus } from './twist.ts';

/** What the bank does for one message, each of its transactions as it was told to behave with it. */
export type MessageService = {
  bank: Bank;
  /** Does it after so many milliseconds, unless the simulator has stopped by then. */
  later: (ms: number, work: () => Promise<unknown>) => void;
  now: () => Date;
};

/** `behaviours` stand beside the message's transactions, of an account look-up there is one. */
export async function serveMessage(
  service: MessageService,
  request: BusRequest,
  behaviours: readonly (Behaviour | undefined)[],
): Promise<BusAnswer> {
  const { bank, now } = service;
  switch (request.message) {
    case 'pacs.003':
    case 'pacs.007': {
      const standings = await bookAsTold(service, request.instructions, behaviours);
      const lines = request.instructions.flatMap((instruction, position) => {
        const line = lineOf(instruction, standings.get(position));
        return twistStatus(line, behaviours[position], now());
      });
      return { answer: 'pacs.002', to: envelopeOf(request), lines };
    }
    case 'pacs.028': {
      const standings = await bank.inquire(request.references);
      const lines = request.references.flatMap((reference, position) =>
        twistStatus(statusLineOf(reference, standings[position] ?? unknown), behaviours[position], now()),
      );
      return { answer: 'pacs.002', to: envelopeOf(request), lines };
    }
    case 'camt.056': {
      const asked = request.references.filter((_, position) => voids(behaviours[position]));
      const outcomes = await bank.cancel(asked);
      const voided = new Set(asked.filter((_, position) => outcomes[position] === true));
      const lines = request.references.flatMap((reference, position) => {
        const status = voided.has(reference) ? 'ACCR' : 'RJCR';
        return twistCancellation({ transactionId: reference, endToEndId: reference, status }, behaviours[position]);
      });
      return { answer: 'camt.029', to: envelopeOf(request), caseId: request.caseId, lines };
    }
    case 'acmt.023': {
      const account = await bank.account(request.rib);
      const [behaviour] = behaviours;
      const lies = behaviour?.do === 'answer-other';
      const rib = lies ? (behaviour.value ?? anotherRib(request.rib)) : request.rib;
      const { createdAt, verificationId } = request;
      return { answer: 'acmt.024', to: { ...envelopeOf(request), createdAt, verificationId }, rib, account };
    }
  }
}

const unknown: Standing = { standing: 'UNKNOWN' };

const envelopeOf = ({ messageId, version }: BusRequest) => ({ messageId, version });

/** Books in the order of the document what is to be booked; the standing of each by its position. */
async function bookAsTold(
  { bank, later }: MessageService,
  instructions: readonly Instruction[],
  behaviours: readonly (Behaviour | undefined)[],
): Promise<Map<number, Standing>> {
  const positions: number[] = [];
  for (const [position, instruction] of instructions.entries()) {
    const behaviour = behaviours[position];
    if (behaviour?.do === 'refuse') await bank.refuse([instruction], behaviour.reason);
    if (behaviour?.do === 'says-refused' && behaviour.movesAfterMs !== null)
      later(behaviour.movesAfterMs, () => bank.book([instruction]));
    if (books(behaviour)) positions.push(position);
  }
  const booked = await bank.book(instructions.filter((_, position) => positions.includes(position)));
  return new Map(positions.map((position, order) => [position, booked[order] ?? unknown]));
}

function books(behaviour: Behaviour | undefined): boolean {
  if (behaviour === undefined) return true;
  if (behaviour.do === 'says-refused' || behaviour.do === 'says-moved') return false;
  return !('processed' in behaviour) || behaviour.processed;
}

function voids(behaviour: Behaviour | undefined): boolean {
  if (behaviour === undefined) return true;
  if (behaviour.do === 'cannot-void' || behaviour.do === 'says-voided') return false;
  return !('processed' in behaviour) || behaviour.processed;
}

/** What was not booked is spoken of as it was instructed. */
function lineOf({ reference, amount, debtor, creditor }: Instruction, standing: Standing | undefined): StatusLine {
  if (standing !== undefined) return statusLineOf(reference, standing);
  const original = { amount: formatAmount(amount), currency: 'DZD', debtor, creditor };
  return { ...statusLineOf(reference, unknown), original };
}
