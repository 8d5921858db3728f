import type { CoreReference } from '../values/ids.ts';
import type { BusAnswer } from './answer.ts';
import type { Behaviour, ExchangeBehaviour } from './behaviour.ts';
import { catalogue } from './catalogue.ts';
import type { BusRequest } from './read-request.ts';
import type { Played, Rules, Subject } from './rules.ts';
import { contraryCancellation, contraryOf } from './twist.ts';

/** What was told for one message: how its exchange goes, and each of its transactions. */
export type Plan = {
  exchange: ExchangeBehaviour | undefined;
  transactions: (Behaviour | undefined)[];
  played: Played[];
};

/** Asks the rules for each transaction, and for the exchange until one has decided it. */
export function planOf(rules: Rules, subjects: readonly Subject[]): Plan {
  const plan: Plan = { exchange: undefined, transactions: [], played: [] };
  for (const subject of subjects) {
    let played = rules.pick(subject, plan.exchange !== undefined);
    if (played !== undefined && isOfExchange(played.behaviour)) {
      plan.played.push(played);
      plan.exchange = played.behaviour;
      played = rules.pick(subject, true);
    }
    if (played !== undefined) plan.played.push(played);
    plan.transactions.push(played?.behaviour);
  }
  return plan;
}

export function isOfExchange(behaviour: Behaviour): behaviour is ExchangeBehaviour {
  return catalogue[behaviour.do].of === 'EXCHANGE';
}

/** What the rules may be about in one message. `ribsOf`: what is known of a reference that is only asked about. */
export async function subjectsOf(
  request: BusRequest,
  ribsOf: (references: readonly CoreReference[]) => Promise<string[][]>,
): Promise<Subject[]> {
  const { message } = request;
  switch (request.message) {
    case 'pacs.003':
    case 'pacs.007':
      return request.instructions.map(({ reference, debtor, creditor }) => ({
        message,
        reference,
        ribs: [debtor, creditor],
      }));
    case 'pacs.028':
    case 'camt.056': {
      const ribs = await ribsOf(request.references);
      return request.references.map((reference, position) => ({ message, reference, ribs: ribs[position] ?? [] }));
    }
    case 'acmt.023':
      return [{ message, ribs: [request.rib] }];
  }
}

/** The answer as a behaviour of the whole exchange changes it. */
export function twistAnswer(answer: BusAnswer, behaviour: ExchangeBehaviour | undefined): BusAnswer {
  if (behaviour?.do === 'group-status' && answer.answer === 'pacs.002')
    return { ...answer, groupStatus: behaviour.status };
  if (behaviour?.do !== 'answer-other-message-id') return answer;
  switch (answer.answer) {
    case 'pacs.002':
      return { ...answer, to: { ...answer.to, messageId: otherId(answer.to.messageId) } };
    case 'camt.029':
      return { ...answer, caseId: otherId(answer.caseId) };
    case 'acmt.024': {
      const { messageId, verificationId } = answer.to;
      return {
        ...answer,
        to: { ...answer.to, messageId: otherId(messageId), verificationId: otherId(verificationId) },
      };
    }
  }
}

/** Each outcome turned round. */
export function contraryAnswer(answer: BusAnswer, now: Date): BusAnswer {
  switch (answer.answer) {
    case 'pacs.002':
      return { ...answer, lines: answer.lines.map((line) => contraryOf(line, now)) };
    case 'camt.029':
      return { ...answer, lines: answer.lines.map(contraryCancellation) };
    case 'acmt.024':
      return { ...answer, account: { outcome: 'UNKNOWN' } };
  }
}

/** Of the same shape, and nobody's. */
const otherId = (id: string): string => (id.startsWith('f') ? '0' : 'f') + id.slice(1);
