import { type DestinationStream, pino } from 'pino';
import type { Fault } from './fault.ts';

/** All that a line of the log may hold beside its message. Ids, codes, counts and places: nothing of any person or account. */
export type LogFields = {
  requestId?: string;
  operationId?: string;
  /** Of an answer, of a debit, or of a problem. */
  status?: number;
  state?: string;
  kind?: string;
  reasonCode?: string;
  mandateId?: string;
  debitId?: string;
  creditor?: string;
  /** Of a certificate or a key: SHA-256. */
  thumbprint?: string;
  /** What was being done, in the program's own words: "resolving a debit". */
  during?: string;
  door?: 'api' | 'public' | 'back-office' | 'operations';
  port?: number;
  count?: number;
  seconds?: number;
  version?: string;
  signal?: string;
  at?: Date;
  fault?: Fault;
};

/** A text that stands in the program: one that was put together at run time, and could hold a value, does not compile. */
export type Fixed<Text extends string> = Record<never, never> extends Record<Text, 1> ? never : Text;

type Write = <const Text extends string>(fields: LogFields, message: Fixed<Text>) => void;

/** Fields first, then a fixed message, as pino has it. */
export type Log = { debug: Write; info: Write; warn: Write; error: Write; fatal: Write };

export type LogSettings = { logLevel: string };

/**
 * JSON lines on the standard output, each field let through by its own rule and everything else left out: a rule that
 * takes away what is known to be secret lets through what nobody thought of.
 */
export function openLog({ logLevel }: LogSettings, destination: DestinationStream = pino.destination(1)): Log {
  const logger = pino(
    {
      level: logLevel,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  const writer =
    (level: keyof Log): Write =>
    (fields, message) => {
      // Said again at run time: what comes in as unknown has no type to hold it.
      const text: string = sentence.test(message) ? message : 'a message that is no fixed text';
      logger[level](shaped(fields, rules), text);
    };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    fatal: writer('fatal'),
  };
}

/** No digits: neither a RIB nor a token, nor any number, is ever part of a message. */
const sentence = /^[A-Za-z',:;. /()-]{1,120}$/;

type Rule = (value: unknown) => unknown;

const matching =
  (shape: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && shape.test(value) ? value : undefined;
const number: Rule = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const uuid = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const code = matching(/^[A-Za-z_-]{1,40}$/);

const rules: Record<keyof LogFields, Rule> = {
  requestId: uuid,
  operationId: code,
  status: number,
  state: code,
  // Of the journal's with its point.
  kind: matching(/^[A-Za-z_.-]{1,40}$/),
  reasonCode: matching(/^[A-Z]{2}\d{2}$/),
  mandateId: uuid,
  debitId: uuid,
  // A code may have digits, but then a RIB would pass.
  creditor: matching(/^[A-Z]{2,20}$/),
  thumbprint: matching(/^([0-9a-f]{64}|[A-Za-z0-9_-]{43})$/),
  during: matching(sentence),
  door: code,
  port: number,
  count: number,
  seconds: number,
  version: matching(/^\d+\.\d+\.\d+[a-z0-9.-]{0,20}$/),
  signal: matching(/^SIG[A-Z]{2,8}$/),
  at: (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined),
  fault: (value) => faultOf(value, 0),
};

const faultRules: Record<keyof Omit<Fault, 'causes'>, Rule> = {
  name: code,
  code: matching(/^[A-Za-z0-9_]{1,64}$/),
  severity: code,
  constraint: matching(/^[a-z0-9_]{1,63}$/),
  frames: (value) => (Array.isArray(value) ? value.filter((line) => typeof line === 'string' && place.test(line)) : []),
};
const place = /^[^\n]{0,400}:\d+:\d+\)?$/;

function faultOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > 3) return undefined;
  const causes = 'causes' in value && Array.isArray(value.causes) ? value.causes : [];
  const kept = causes.map((cause) => faultOf(cause, depth + 1)).filter((cause) => cause !== undefined);
  return { ...shaped(value, faultRules), ...(kept.length > 0 ? { causes: kept } : {}) };
}

function shaped(value: object, by: Readonly<Record<string, Rule>>): Record<string, unknown> {
  const entries = Object.entries(by).map(([name, rule]) => [name, rule(Reflect.get(value, name))] as const);
  return Object.fromEntries(entries.filter(([, kept]) => kept !== undefined));
}
