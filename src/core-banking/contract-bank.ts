import { randomUUID } from 'node:crypto';
import { type Centimes, parseAmount } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import { type CoreReference, coreReferenceOf, parseCreditorCode, parseEndToEndId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import type { Booking, CoreBanking, DebitInstruction, Movement } from './port.ts';

/** A bank of the test's own behind the adapter, and the hands to set it up: these are no part of the port. */
export type TestBank = AsyncDisposable & {
  port: CoreBanking;
  /** Opens an account with that many centimes on it. A collection account is a creditor's. */
  openAccount: (kind: 'CUSTOMER' | 'COLLECTION', balance: bigint) => Promise<Rib>;
  /** A RIB of this bank under which no account was ever opened. */
  unusedRib: () => Rib;
  setStatus: (rib: Rib, status: 'OPEN' | 'BLOCKED' | 'CLOSED') => Promise<void>;
  fund: (rib: Rib, amount: bigint) => Promise<void>;
  balanceOf: (rib: Rib) => Promise<bigint>;
  /** Whatever is wrong in the bank's own books; empty where they can't be looked into. */
  imbalances: () => Promise<string[]>;
};

/** An instruction that empties a debtor's account into a creditor's. */
export async function payable(bank: TestBank, amount: string): Promise<DebitInstruction> {
  const debtor = await bank.openAccount('CUSTOMER', centimes(amount));
  return instructionOf(debtor, await bank.openAccount('COLLECTION', 0n), amount);
}

export const instructionOf = (
  debtor: Rib,
  creditor: Rib,
  amount: string,
  notBefore = new Date(),
): DebitInstruction => ({
  reference: newReference(),
  debtor,
  creditor,
  amount: centimes(amount),
  notBefore,
  notAfter: new Date(Date.now() + 3_600_000),
});

/** A reference as the gateway derives it, of an end-to-end id that nothing else has. */
export function newReference(): CoreReference {
  const creditor = parseCreditorCode('CNAS');
  const endToEndId = parseEndToEndId(randomUUID().slice(0, 35));
  if (creditor === undefined || endToEndId === undefined) throw new Error('not an end-to-end id');
  return coreReferenceOf(creditor, endToEndId);
}

export async function openMany(bank: TestBank, count: number, balance: bigint): Promise<Rib[]> {
  return Promise.all(Array.from({ length: count }, () => bank.openAccount('CUSTOMER', balance)));
}

export async function movementsOf(bank: TestBank, days: readonly Day[]): Promise<Movement[]> {
  return (await Promise.all([...new Set(days)].map((day) => bank.port.movements(day)))).flat();
}

export function centimes(amount: string): Centimes {
  const parsed = parseAmount(amount);
  if (parsed === undefined) throw new Error(`not an amount: ${amount}`);
  return parsed;
}

export function bookingOf(answer: { outcome: string; booking?: Booking } | undefined): Booking {
  if (answer?.booking === undefined) throw new Error(`no booking: ${answer?.outcome}`);
  return answer.booking;
}

export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one));
