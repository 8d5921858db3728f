import type { Branded } from '../values/branded.ts';
import { type CreditorCode, isUuidV7, type MandateId, uuidV7 } from '../values/ids.ts';

/** A stop's name: UUIDv7. */
export type StopId = Branded<string, 'StopId'>;

export const parseStopId = (text: string): StopId | undefined => (isUuidV7(text) ? (text as StopId) : undefined);

export const newStopId = (now: Date): StopId => uuidV7(now) as StopId;

/** What is stopped. A mandate's stop is its chain's: what replaces it is stopped too. */
export type StopScope =
  | { scope: 'ALL' }
  | { scope: 'CREDITOR'; creditor: CreditorCode }
  | { scope: 'MANDATE'; creditor: CreditorCode; mandateId: MandateId };

/** While it stands nothing new is taken in and nothing is sent; what was sent is asked on, and nothing is voided for it. */
export type Stop = StopScope & {
  stopId: StopId;
  /** In the words of who stopped: for staff alone. */
  remark: string;
  stoppedBy: string;
  stoppedAt: Date;
  endedAt: Date | undefined;
};

/** What a stop holds, at one instant. */
export type UnderWay = {
  /** Begun before the stop: sent, or about to be. Each ends by the core's word. */
  sending: number;
  /** Sent, and not answered yet: they are asked on. */
  inDoubt: number;
  /** Accepted and not sent: they wait for the start, or end at their `expiresAt`. */
  waiting: number;
  /** Of a later date. */
  scheduled: number;
};

/** The core's movements in the time that a restore has lost: which no creditor has claimed yet, and which nothing explains. */
export type Unaccounted = { unclaimed: number; unexplained: number };
