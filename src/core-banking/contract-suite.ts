import type { TestBank } from './contract-bank.ts';
import { debitPromises } from './contract-debit.ts';
import { inquiryPromises } from './contract-inquiry.ts';
import { reversalPromises } from './contract-reversal.ts';
import { schedulePromises } from './contract-schedule.ts';
import { voidPromises } from './contract-void.ts';

export type { TestBank } from './contract-bank.ts';

/**
 * What every adapter owes its callers, with a real bank or a simulator behind it. Promises that an adapter does not
 * make (its `properties`) are left out.
 */
export function coreBankingContract(adapter: string, open: () => Promise<TestBank>): void {
  debitPromises(adapter, open);
  voidPromises(adapter, open);
  inquiryPromises(adapter, open);
  reversalPromises(adapter, open);
  schedulePromises(adapter, open);
}
