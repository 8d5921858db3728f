import { expect } from 'vitest';
import type { Client, Reply } from '../src/commands/client.ts';
import type { Behaviour } from '../src/core-bank-simulator/behaviour.ts';
import { coreDifferences } from '../src/core-banking/port.ts';
import { type CoreReference, coreReferenceOf, parseEndToEndId, reversalReferenceOf } from '../src/values/ids.ts';
import { cnas, must } from './bank.ts';
import type { BusGateway } from './bus-gateway.ts';
import type { Lie } from './bus-lies.ts';
import { readExposition } from './exposition.ts';
import { orderOf } from './gateway-mandates.ts';

export type LyingScene = BusGateway & { creditor: Client; mandateId: string };

/** The transfer that a lie is about. */
export type Subject = { name: string; debit: CoreReference; transfer: CoreReference; isReversal: boolean };

export function subjectOf(name: string, { message }: Lie): Subject {
  const endToEndId = must(parseEndToEndId(name));
  const debit = coreReferenceOf(cnas, endToEndId);
  const isReversal = message === 'pacs.007';
  return { name, debit, transfer: isReversal ? reversalReferenceOf(cnas, endToEndId, 1) : debit, isReversal };
}

const amount = '1000.00';
const lost: Behaviour = { do: 'reset', processed: false };

/** Asks for what the lie is about, and lets the bus tell it, once; answers what the creditor was answered. */
export async function playLie(scene: LyingScene, lie: Lie, { name, debit, transfer }: Subject): Promise<Reply> {
  const { creditor, mandateId, employer, simulator } = scene;
  const { message, behaviour } = lie;
  const pay = () => creditor.put(`/v1/debits/${name}`, orderOf(mandateId, employer, amount, name));
  const told = { when: { message, reference: transfer }, times: 1, behaviour };
  // Once it has lied, the bus says nothing, until it is to tell the truth.
  const silent = (of: 'pacs.003' | 'pacs.028' | 'camt.056') => ({
    when: { message: of, reference: transfer },
    behaviour: lost,
  });
  switch (message) {
    case 'pacs.003':
      simulator.administration.putRules({ told, question: silent('pacs.028') });
      return pay();
    case 'pacs.007':
      expect((await pay()).status).toBe(201);
      simulator.administration.putRules({ told, question: silent('pacs.028') });
      return creditor.put(`/v1/debits/${name}/reversal`, { attempt: 1, reason: 'declaration-corrected' });
    case 'pacs.028': {
      const answerLost: Behaviour = { do: 'reset', processed: true };
      simulator.administration.putRules({
        lost: { when: { message: 'pacs.003', reference: debit }, behaviour: answerLost },
        ...{ told, after: silent('pacs.028') },
      });
      const reply = await pay();
      await askNow(scene, name);
      return reply;
    }
    case 'camt.056': {
      // Never sent again, and so voided: its mandate is suspended. Where a late copy is to move, it is under way.
      const onItsWay: Behaviour = lie.books === undefined ? lost : { do: 'delay', ms: 2500 };
      simulator.administration.putRules({
        lost: { when: { message: 'pacs.003', reference: debit }, behaviour: onItsWay },
        ...{ told, after: silent('camt.056') },
      });
      const reply = await pay();
      expect((await creditor.put(`/v1/mandates/${mandateId}/suspension`, {})).status).toBe(200);
      await askNow(scene, name);
      return reply;
    }
  }
}

/** What was suspended so that it is voided goes on. */
export async function resume({ creditor, mandateId }: LyingScene, { message }: Lie): Promise<void> {
  if (message === 'camt.056') expect((await creditor.put(`/v1/mandates/${mandateId}/resumption`, {})).status).toBe(200);
}

/** The next question of its doubt is due. */
export async function askNow({ bank: { db } }: LyingScene, name: string): Promise<void> {
  await db.owner.query(
    `update debits set lease_until = clock_timestamp() - interval '1 second'
      where end_to_end_id = $1 and state in ('EXECUTING', 'IN_DOUBT')`,
    [name],
  );
  await db.owner.query(
    `update reversals set lease_until = clock_timestamp() - interval '1 second'
      where debit_id = (select debit_id from debits where end_to_end_id = $1) and state in ('EXECUTING', 'IN_DOUBT')`,
    [name],
  );
}

/** What stands of it: states, what was signed, what is left to people. */
export async function storedOf({ bank: { db } }: LyingScene, { name, transfer }: Subject) {
  const { rows } = await db.owner.query<{ debit: string; reversal: string | null; booking: string | null }>(
    `select debits.state as debit, reversals.state as reversal, coalesce(reversals.booking_reference, debits.booking_reference) as booking
       from debits left join reversals using (debit_id) where end_to_end_id = $1`,
    [name],
  );
  const { rows: signed } = await db.owner.query<{ kind: string }>(
    `select kind from tokens where subject_id = (select debit_id from debits where end_to_end_id = $1)
        and kind in ('settlement-confirmation+jwt', 'reversal-confirmation+jwt', 'debit-rejection+jwt') order by kind`,
    [name],
  );
  const { rows: contradictions } = await db.owner.query<{ kind: string; holds: boolean; of_reversal: boolean }>(
    `select c.kind, c.holds, c.reversal_id is not null as of_reversal from contradictions c join debits using (debit_id)
      where end_to_end_id = $1 and c.ended_at is null`,
    [name],
  );
  const { rows: differences } = await db.owner.query<{ difference: string }>(
    'select difference from core_message_differences where reference = $1',
    [transfer],
  );
  const { debit, reversal, booking } = must(rows[0]);
  return {
    ...{ debit, reversal, booking, contradictions },
    signed: signed.map(({ kind }) => kind),
    differences: differences.map(({ difference }) => difference),
  };
}

/** Whether an answer to such a message about it has come, or was seen not to come. */
export async function isHeard({ bank: { db } }: LyingScene, { transfer }: Subject, { message }: Lie): Promise<boolean> {
  const { rows } = await db.owner.query(
    `select from core_message_references join core_messages sent using (message_id)
       join core_messages received on received.answers = sent.message_id
      where reference = $1 and sent.type like $2`,
    [transfer, `${message}.%`],
  );
  return rows.length > 0;
}

/** The figures that the alerts look at (docs/alerts.yml). */
export async function alarmsOf({ bank: { gateway } }: LyingScene) {
  const samples = readExposition(await (await fetch(`${gateway.operationsOrigin}/metrics`)).text());
  const sum = (name: string, difference?: string) =>
    samples
      .filter((one) => one.name === name && (difference === undefined || one.labels.difference === difference))
      .reduce((total, { value }) => total + value, 0);
  return {
    quarantined: new Map(coreDifferences.map((one) => [one, sum('core_answers_quarantined_total', one)])),
    contradictions: sum('contradictions_open'),
    strays: sum('core_answers_to_other_messages_total'),
    books: sum('books_differences'),
  };
}

/** What the bus has booked under its reference. */
export async function bookedOf({ simulator }: LyingScene, { transfer }: Subject) {
  const rows = await Array.fromAsync(simulator.administration.books());
  return rows
    .filter(({ reference, outcome }) => reference === transfer && outcome === 'MOVED')
    .map(({ amount: moved, bookingReference }) => ({ amount: moved, bookingReference }));
}
