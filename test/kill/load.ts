import { setTimeout as pause } from 'node:timers/promises';
import type { Reply } from '../../src/commands/client.ts';
import type { CreditorCode } from '../../src/values/ids.ts';
import type { Creditors } from './creditors.ts';
import type { KillMandate } from './kill-bank.ts';
import { type Order, ordersFor, type Terms } from './orders.ts';
import type { Random } from './random.ts';

/** All that the creditor has asked for and was ever told under one name: tokens byte for byte, and each final state. */
export type Told = {
  creditor: CreditorCode;
  endToEndId: string;
  /** As it was asked first: a second time it may be another amount, which is not to be taken then. */
  terms: Terms;
  /** Each amount that was asked for, and those that were told to be paid. */
  asked: Set<string>;
  paid: Set<string>;
  tokens: Record<TokenMember, Set<string>>;
  ends: Set<string>;
  /** How its reversal ended; undefined where none was asked for. */
  reversalEnds: Set<string> | undefined;
};
export const tokenMembers = ['receipt', 'confirmation', 'rejection', 'reversal'] as const;
export type TokenMember = (typeof tokenMembers)[number];

/** Disposing abandons what is under way. */
export type Load = Disposable & {
  told: ReadonlyMap<string, Told>;
  counts: { orders: number; attempts: number; retries: number; unanswered: number; byStatus: Record<string, number> };
  /** What no answer may ever be. */
  faults: string[];
  /** Resolves when nothing more is begun, and each order that was begun has its final answer. */
  ended: Promise<void>;
  /** Begins nothing more, and waits for the same. */
  finish: () => Promise<void>;
};

export type LoadSettings = {
  creditors: Creditors;
  mandates: readonly KillMandate[];
  random: Random;
  /** Clients that ask at the same time. */
  workers: number;
  /** How long an order may be without its final answer: longer than the gateway is ever away in a run. */
  orderSeconds?: number;
  /** Begins nothing more when so many were asked. */
  most?: number;
  /** Between two orders of one client, at most. */
  restMilliseconds?: number;
  /** Whether some of what settled is given back. */
  givesBack?: boolean;
};

export function startLoad({
  creditors,
  mandates,
  random,
  workers,
  orderSeconds = 90,
  most = Number.POSITIVE_INFINITY,
  restMilliseconds = 30,
  givesBack = false,
}: LoadSettings): Load {
  const told = new Map<string, Told>();
  const counts: Load['counts'] = { orders: 0, attempts: 0, retries: 0, unanswered: 0, byStatus: {} };
  const faults: string[] = [];
  let number = 0;
  let open = true;
  let abandoned = false;

  const drive = async (order: Order): Promise<void> => {
    counts.orders += 1;
    const until = Date.now() + orderSeconds * 1000;
    const known = toldOf(told, order);
    if (order.asks === 'debit') known.asked.add(order.terms.amount);
    if (order.asks === 'reversal') known.reversalEnds ??= new Set();
    for (let attempt = 1; Date.now() < until && !abandoned; attempt += 1) {
      counts.attempts += 1;
      if (attempt > 1) counts.retries += 1;
      const reply = await ask(creditors, order);
      if (reply === undefined) counts.unanswered += 1;
      else counts.byStatus[reply.status] = (counts.byStatus[reply.status] ?? 0) + 1;
      if (reply !== undefined && isLast(order, reply, known, faults)) return;
      await pause(random.between(20, 150));
    }
    if (!abandoned) faults.push(`${order.endToEndId}: no final answer in ${orderSeconds} s`);
  };
  const work = async (): Promise<void> => {
    while (open && counts.orders < most) {
      number += 1;
      for (const round of ordersFor(random, mandates, number, givesBack ? 'reversals' : 'debits'))
        await Promise.all(round.filter((order) => isToBeAsked(order, told)).map(drive));
      await pause(random.between(0, restMilliseconds));
    }
  };
  const working = Promise.all(Array.from({ length: workers }, work)).then(() => undefined);
  return {
    ...{ told, counts, faults, ended: working },
    async finish() {
      open = false;
      await working;
    },
    [Symbol.dispose]() {
      open = false;
      abandoned = true;
    },
  };
}

/** The same again, under a new signature. */
const ask = (creditors: Creditors, { creditor, endToEndId, asks, body }: Order): Promise<Reply | undefined> =>
  creditors.put(creditor, `/v1/debits/${endToEndId}${asks === 'debit' ? '' : `/${asks}`}`, body);

/** Only what was confirmed is asked back. */
const isToBeAsked = ({ asks, creditor, endToEndId }: Order, told: ReadonlyMap<string, Told>): boolean =>
  asks !== 'reversal' || (told.get(`${creditor} ${endToEndId}`)?.ends.has('SETTLED') ?? false);

function toldOf(told: Map<string, Told>, { creditor, endToEndId, terms }: Order): Told {
  const key = `${creditor} ${endToEndId}`;
  const known = told.get(key);
  if (known !== undefined) return known;
  const none = () => new Set<string>();
  const tokens = { receipt: none(), confirmation: none(), rejection: none(), reversal: none() };
  const sets = { asked: none(), paid: none(), tokens, ends: none(), reversalEnds: undefined };
  const made: Told = { creditor, endToEndId, terms, ...sets };
  told.set(key, made);
  return made;
}

/** Keeps what the answer says, and whether the creditor has no reason to ask again. */
function isLast(order: Order, reply: Reply, told: Told, faults: string[]): boolean {
  return order.asks === 'reversal'
    ? isLastOfReversal(order, reply, told, faults)
    : isLastOfDebit(order, reply, told, faults);
}

function isLastOfDebit(order: Order, { status, json = {} }: Reply, told: Told, faults: string[]): boolean {
  const debit = objectIn(json, 'debit') ?? json;
  for (const member of ['receipt', 'confirmation', 'rejection'] as const) {
    const token = debit[member];
    if (typeof token === 'string') told.tokens[member].add(token);
  }
  const { state } = debit;
  const isFinal = state === 'SETTLED' || state === 'REJECTED' || state === 'CANCELLED';
  if (isFinal) told.ends.add(state);
  switch (status) {
    case 200:
    case 201:
      // Of a debit it means paid; of a cancellation, withdrawn.
      if (state !== (order.asks === 'cancellation' ? 'CANCELLED' : 'SETTLED'))
        faults.push(`${order.endToEndId}: ${status} with ${state}`);
      if (order.asks === 'debit') told.paid.add(order.terms.amount);
      return true;
    case 402:
      if (state !== 'REJECTED' || debit.rejection !== json.rejection)
        faults.push(`${order.endToEndId}: 402 with ${state}`);
      return true;
    case 409:
      return true;
    case 202:
      if (isFinal) faults.push(`${order.endToEndId}: 202 with ${state}`);
      return false;
    // The mandate has had its refusals for funds today: no name is used, and tomorrow is another run.
    case 429:
      // Others of the mandate are under way: said to be asked again in a moment.
      if (json.detail === 'Other debits of the mandate are under way') return false;
      if (!String(json.type).endsWith('/funds-refusals')) faults.push(`${order.endToEndId}: 429 ${String(json.type)}`);
      return true;
    // The gateway is stopping, or could not reach its database: said to be asked again.
    case 503:
      return false;
    default:
      faults.push(`${order.endToEndId}: ${status} ${String(json.type)} ${String(json.detail)}`);
      return false;
  }
}

/** A reversal that was rejected is not tried again here: the debit stays settled. */
function isLastOfReversal({ endToEndId }: Order, { status, json = {} }: Reply, told: Told, faults: string[]): boolean {
  const { state, confirmation } = objectIn(json, 'reversal') ?? json;
  if (typeof confirmation === 'string') told.tokens.reversal.add(confirmation);
  if (state === 'SETTLED' || state === 'REJECTED') told.reversalEnds?.add(state);
  switch (status) {
    case 200:
    case 201:
      if (state !== 'SETTLED' || confirmation === undefined)
        faults.push(`${endToEndId}: its reversal ${status} with ${state}`);
      told.ends.add('REVERSED');
      return true;
    case 402:
      if (state !== 'REJECTED') faults.push(`${endToEndId}: its reversal 402 with ${state}`);
      return true;
    case 202:
      if (state === 'SETTLED' || state === 'REJECTED') faults.push(`${endToEndId}: its reversal 202 with ${state}`);
      return false;
    // What a bus said of the debit contradicts what stands: nothing is begun until people have ended that, of which a run has none.
    case 503:
      return String(json.type).endsWith('/reversal-contradicted');
    default:
      faults.push(`${endToEndId}: its reversal ${status} ${String(json.type)} ${String(json.detail)}`);
      return true;
  }
}

function objectIn(object: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> | undefined {
  const value = object[name];
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}
