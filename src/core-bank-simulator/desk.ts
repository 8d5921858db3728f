import { setTimeout as pause } from 'node:timers/promises';
import { readDocument } from '../core-banking/iso20022/xml.ts';
import type { Queryable } from '../database/queryable.ts';
import { parseDay } from '../values/dates.ts';
import type { CoreReference } from '../values/ids.ts';
import type { BusAnswer } from './answer.ts';
import type { Bank } from './bank.ts';
import type { ExchangeBehaviour } from './behaviour.ts';
import { selectRibs } from './books.sql.ts';
import type { Delivery } from './deliver.ts';
import { contraryAnswer, isOfExchange, type Plan, planOf, subjectsOf, twistAnswer } from './exchange.ts';
import { garbageOf } from './garbage.ts';
import { type BusRequest, RequestFault, readRequest } from './read-request.ts';
import type { Rules } from './rules.ts';
import type { Schemas } from './schemas.ts';
import { type MessageService, serveMessage } from './serve-message.ts';
import { statementPage } from './statement.ts';
import type { Tally } from './tally.ts';
import { writeAnswer } from './write-answer.ts';
import { writeStatement } from './write-statement.ts';

export type DeskParts = MessageService & {
  db: Queryable;
  bank: Bank;
  rules: Rules;
  tally: Tally;
  /** None where the folder is not there. */
  schemas: Schemas | undefined;
  entriesAPage: number;
};

export type Desk = {
  takeMessage: (body: Buffer, stopped: AbortSignal) => Promise<Delivery>;
  takeStatement: (day: string, page: string, stopped: AbortSignal) => Promise<Delivery>;
};

const mostBytes = 1_048_576;

/** What the bus does with what comes: reads it, looks at what it was told, and behaves so. */
export function openDesk(parts: DeskParts): Desk {
  const { db, rules, tally, entriesAPage, now } = parts;
  return {
    async takeMessage(body, stopped) {
      const request = readMessage(parts, body);
      if (request === undefined) return { way: 'STATUS', status: 400 };
      tally.message(request.message);
      const plan = planOf(rules, await subjectsOf(request, (references) => ribsOf(parts, references)));
      for (const { behaviour } of plan.played) tally.played(behaviour);
      return exchange(plan.exchange, stopped, {
        answer: () => answerOf(parts, request, plan),
        write: (answer) => writeAnswer(answer, now()),
        contrary: (answer) => contraryAnswer(answer, now()),
      });
    },
    async takeStatement(dayText, pageText, stopped) {
      const day = parseDay(dayText);
      if (day === undefined || !/^[1-9]\d{0,4}$/.test(pageText)) return { way: 'STATUS', status: 400 };
      tally.message('camt.053');
      const played = rules.pick({ message: 'camt.053', day });
      if (played !== undefined) tally.played(played.behaviour);
      const lie = played?.behaviour.do === 'statement-entry' ? played.behaviour : undefined;
      const told = played !== undefined && isOfExchange(played.behaviour) ? played.behaviour : undefined;
      return exchange(told, stopped, {
        answer: () => statementPage(db, { day, page: Number(pageText), entriesAPage }, lie),
        write: (page) => (page === undefined ? undefined : writeStatement(page, now())),
        contrary: (page) => page,
      });
    },
  };
}

/** Undefined where it can't be read, is not valid, or is none that the bus takes: told to whoever looks after it. */
function readMessage({ schemas, tally }: DeskParts, body: Buffer): BusRequest | undefined {
  const document = readDocument(body, mostBytes);
  if (document === undefined) {
    tally.refused(['not readable: no XML, a DTD, a processing instruction, or not in UTF-8']);
    return undefined;
  }
  const faults = schemas?.faultsOf(document.namespace.replace(/^.*:/, ''), body) ?? 'UNKNOWN';
  if (faults !== 'UNKNOWN' && faults.length > 0) {
    tally.refused(faults);
    return undefined;
  }
  try {
    return readRequest(document);
  } catch (fault) {
    if (!(fault instanceof RequestFault)) throw fault;
    tally.refused([fault.message]);
    return undefined;
  }
}

async function ribsOf({ db, rules }: DeskParts, references: readonly CoreReference[]): Promise<string[][]> {
  if (!rules.lookAtRibs()) return references.map(() => []);
  return selectRibs(db, references);
}

/** Does what is asked, in full but for what its transactions were told. */
async function answerOf(
  parts: DeskParts,
  request: BusRequest,
  { exchange: told, transactions }: Plan,
): Promise<BusAnswer> {
  const refuses = told?.do === 'answer-late' ? told.refuses : undefined;
  const behaviours = transactions.map((behaviour) =>
    behaviour === undefined && refuses !== undefined ? { do: 'refuse' as const, reason: refuses } : behaviour,
  );
  return twistAnswer(await serveMessage(parts, request, behaviours), told);
}

type Work<Answer> = {
  answer: () => Promise<Answer>;
  /** Undefined: there is no such page. */
  write: (answer: Answer) => Buffer | undefined;
  contrary: (answer: Answer) => Answer;
};

/** Plays one exchange. */
async function exchange<Answer>(
  told: ExchangeBehaviour | undefined,
  stopped: AbortSignal,
  { answer, write, contrary }: Work<Answer>,
): Promise<Delivery> {
  if (told?.do === 'delay') await pause(told.ms, undefined, { signal: stopped });
  // What was not processed has no answer: it is as if it had never come.
  const given = told !== undefined && 'processed' in told && !told.processed ? undefined : { answer: await answer() };
  if (told?.do === 'answer-late') await pause(told.ms, undefined, { signal: stopped });
  const body = given === undefined ? Buffer.alloc(1000, ' ') : write(given.answer);
  if (body === undefined) return { way: 'STATUS', status: 404 };
  switch (told?.do) {
    case undefined:
    case 'delay':
    case 'answer-late':
    case 'answer-other-message-id':
    case 'group-status':
      return { way: 'ANSWER', body };
    case 'answer-twice-on-connection': {
      const again = given === undefined || told.second === 'same' ? undefined : write(contrary(given.answer));
      return { way: 'TWICE', body, second: again ?? body };
    }
    case 'never-answer':
      return { way: 'SILENCE' };
    case 'reset':
      return { way: 'RESET' };
    case 'cut':
      return { way: 'CUT', body, at: told.at };
    case 'fail':
      return { way: 'STATUS', status: told.status };
    case 'answer-garbage':
      return { way: 'ANSWER', body: garbageOf(told.garbage) };
  }
}
