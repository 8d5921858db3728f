import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Observation } from '../contract/router.ts';
import type { TlsRefusal } from '../contract/tls-peer.ts';
import { type CoreBanking, type CoreDifference, coreDifferences } from '../core-banking/port.ts';
import type { WorkDone } from '../jobs/run-work.ts';
import type { WorkName } from '../jobs/work.ts';
import type { CreditorCode } from '../values/ids.ts';
import type { ReasonCode } from '../values/reasons.ts';

/** What the parts of the gateway tell as it happens. Every label is one of a closed set: none takes free text. */
export type Metrics = {
  registry: Registry;
  requestAnswered: (observation: Observation) => void;
  tlsRefused: (door: TlsDoor, reason: TlsRefusal) => void;
  certificatesRead: (door: TlsDoor, outcome: 'READ' | 'BROKEN') => void;
  /** A page of the back office was answered; `none` is what belongs to no section. */
  pageAnswered: (answered: { section: PageSection; status: number; seconds: number }) => void;
  /** What a member of staff's sign-in came to. */
  signInEnded: (outcome: SignInEnd) => void;
  debitEnded: (outcome: DebitEnd, reason?: ReasonCode) => void;
  reversalEnded: (outcome: Exclude<DebitEnd, 'cancelled'>, reason?: ReasonCode) => void;
  /** From its receipt to its end. */
  debitTook: (seconds: number) => void;
  setRun: (step: BatchStep, size: number) => void;
  /** Measures one call of the core banking system, and passes its answer or its fault on. */
  coreCall: <Result>(operation: CoreOperation, call: () => Promise<Result>) => Promise<Result>;
  /** Part of an answer of the core's that contradicted its instruction, and was not believed. */
  coreAnswerQuarantined: (difference: CoreDifference) => void;
  /** An answer of the bus was to another message than the one that was sent. */
  otherMessageAnswered: () => void;
  /** A creditor asked its feed for what follows on a place that is not reached yet. */
  eventPlaceAhead: (creditor: CreditorCode) => void;
  /** What was done of work that happens later: so many went well, failed, and died of it. */
  workDone: (work: WorkName, done: WorkDone) => void;
  /** An event was pushed to a creditor's webhook, and received or not. */
  eventPushed: (received: boolean) => void;
  /** A fault in work that nobody waits for. */
  workFailed: (work: BackgroundWork) => void;
};

export type TlsDoor = 'api' | 'public' | 'back-office';
export type SignInEnd = 'signed-in' | 'signed-in-again' | 'no-role' | 'refused' | 'stale' | 'invalid' | 'provider-away';
export type PageSection =
  | 'overview'
  | 'requests'
  | 'mandates'
  | 'debits'
  | 'statements'
  | 'approvals'
  | 'work'
  | 'audit'
  | 'administration'
  | 'none';
export type DebitEnd = 'settled' | 'rejected' | 'in-doubt' | 'contradicted' | 'cancelled';
export type BatchStep = 'reserve' | 'move' | 'settle' | 'reject' | 'verify';
export type CoreOperation = Exclude<keyof CoreBanking, 'properties'>;
export type BackgroundWork =
  | 'resolving'
  | 'sweeping'
  | 'working'
  | 'redis'
  | 'sealing'
  | 'pushing'
  | 'core-banking'
  | 'idle-connection'
  | 'measuring'
  | 'revocation-list'
  | 'sessions'
  | 'other';

export type MetricsParts = {
  version: string;
  /** The contract's operations; a request for anything else counts as `none`. */
  operations: readonly string[];
};

/** Around what the time limits name: the core's 5 s, the answer's 8 s, the client's 30 s. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8, 10, 30];
const callBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const debitBuckets = [...requestBuckets, 60, 300, 900, 3_600];

/** A registry of its own, so that two gateways in one process (tests, the demonstration) count apart. */
export function openMetrics({ version, operations }: MetricsParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) => new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [registry] });

  const build = new Gauge({
    name: 'build_info',
    help: 'Always 1: what runs here',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  build.set({ version, node: process.version }, 1);
  const requests = counter('http_requests_total', 'Requests that were answered', ['operation', 'status']);
  const durations = histogram(
    'http_request_duration_seconds',
    "From a request's headers to the end of its answer",
    ['operation'],
    requestBuckets,
  );
  const refusals = counter('tls_client_rejected_total', 'Connections that were not taken', ['door', 'reason']);
  const reads = counter('tls_material_reads_total', 'Times that the TLS files were read again', ['door', 'outcome']);
  const pages = histogram(
    'back_office_request_duration_seconds',
    "From a page's request to the end of its answer",
    ['section', 'status'],
    callBuckets,
  );
  const signIns = counter('staff_sign_ins_total', 'What sign-ins to the back office came to', ['outcome']);
  const ends = counter('debit_outcomes_total', 'What debits came to', ['outcome', 'reason']);
  const reversalEnds = counter('reversal_outcomes_total', 'What reversals came to', ['outcome', 'reason']);
  const debitDurations = histogram('debit_duration_seconds', 'From receipt to end of a debit', [], debitBuckets);
  const coreCalls = histogram(
    'core_banking_call_duration_seconds',
    'Calls of the core banking system',
    ['operation', 'outcome'],
    callBuckets,
  );
  const sets = histogram('batch_size', 'Items of a set that went together', ['step'], [1, 2, 4, 8, 16, 32, 64]);
  const quarantined = counter(
    'core_answers_quarantined_total',
    "The core's answers that contradicted their instruction, and were not believed",
    ['difference'],
  );
  for (const difference of coreDifferences) quarantined.inc({ difference }, 0);
  const otherMessages = counter(
    'core_answers_to_other_messages_total',
    'Answers of the bus to another message than the one that was sent: silence, and their connection is given up',
    [],
  );
  const placesAhead = counter(
    'event_places_ahead_total',
    'Calls of the feed from past its end: the database may have been put back without a new epoch',
    ['creditor'],
  );
  const pushes = counter('webhook_pushes_total', 'Pushes of events to webhooks', ['outcome']);
  const failures = counter('background_failures_total', 'Faults in work that no request waits for', ['work']);

  const jobs = counter('jobs_total', 'What was done of what happens later; who died has failed too', [
    'work',
    'outcome',
  ]);

  const known = new Set(operations);
  const operationOf = (operationId: string) => (known.has(operationId) ? operationId : 'none');
  return {
    registry,
    requestAnswered({ operationId, status, seconds }) {
      const operation = operationOf(operationId);
      requests.inc({ operation, status });
      durations.observe({ operation }, seconds);
    },
    tlsRefused: (door, reason) => refusals.inc({ door, reason }),
    certificatesRead: (door, outcome) => reads.inc({ door, outcome: outcome.toLowerCase() }),
    pageAnswered: ({ section, status, seconds }) =>
      pages.observe({ section, status: `${Math.floor(status / 100)}xx` }, seconds),
    signInEnded: (outcome) => signIns.inc({ outcome }),
    debitEnded: (outcome, reason) => ends.inc({ outcome, reason: reason ?? 'none' }),
    reversalEnded: (outcome, reason) => reversalEnds.inc({ outcome, reason: reason ?? 'none' }),
    debitTook: (seconds) => debitDurations.observe(seconds),
    setRun: (step, size) => sets.observe({ step }, size),
    async coreCall(operation, call) {
      const end = coreCalls.startTimer({ operation });
      try {
        const result = await call();
        end({ outcome: 'answered' });
        return result;
      } catch (fault) {
        end({ outcome: 'failed' });
        throw fault;
      }
    },
    coreAnswerQuarantined: (difference) => quarantined.inc({ difference }),
    otherMessageAnswered: () => otherMessages.inc(),
    eventPlaceAhead: (creditor) => placesAhead.inc({ creditor }),
    workDone(work, { well, failed, died }) {
      jobs.inc({ work, outcome: 'well' }, well);
      jobs.inc({ work, outcome: 'failed' }, failed);
      jobs.inc({ work, outcome: 'died' }, died);
    },
    eventPushed: (received) => pushes.inc({ outcome: received ? 'received' : 'failed' }),
    workFailed: (work) => failures.inc({ work }),
  };
}
