import type { DebitOrder } from '../debits/debit.ts';
import { formatAmount, parseAmount } from '../values/centimes.ts';
import { parseCreditorCode, parseDeclarationReference, parseEndToEndId } from '../values/ids.ts';
import { type CpuReading, cpuARequest, type ReadCpu } from './bench-cpu.ts';
import { type Measured, measure, nothingMeasured, perSecond, quantile } from './bench-load.ts';
import type { BenchMandate } from './bench-mandates.ts';
import type { Reference } from './bench-reference.ts';
import type { Client, Reply } from './client.ts';

/** As the contract calls them. */
export const operations = ['putDebit', 'verifyMandate'] as const;
export type Operation = (typeof operations)[number];

/** One line of the outcome. CPU time is a request's, in all threads of the process; null where the system does not tell. */
export type Row = {
  operation: Operation;
  connections: number;
  perSecond: number;
  p50Milliseconds: number;
  p99Milliseconds: number;
  referencePerSecond: number;
  ratio: number;
  referenceP50Milliseconds: number;
  referenceP99Milliseconds: number;
  gatewayCpuMilliseconds: number | null;
  postgresCpuMilliseconds: number | null;
  generatorCpuMilliseconds: number | null;
  referencePostgresCpuMilliseconds: number | null;
  /** Debits whose signature was not made in time, so that making it was measured too. */
  signedWhileMeasured: number;
};

export type Scenario = {
  operation: Operation;
  connections: number;
  seconds: number;
  stop: AbortSignal;
  client: Client;
  reference: Reference;
  mandates: readonly BenchMandate[];
  readCpu: ReadCpu;
};

type CpuPair = [Partial<CpuReading>, Partial<CpuReading>];

const warmUpSeconds = 1;

/** A new connection of PostgreSQL's reads its catalogue and plans each statement anew the first times. */
const warmUpDebits = 8;
const mostWarmUpSeconds = 10;

/**
 * Measures the gateway and the reference in turns of about a second, so that whatever the machine does meanwhile meets
 * both. Before it both run unmeasured: connections are opened, code is compiled, statements are planned.
 */
export async function runScenario(scenario: Scenario): Promise<Row> {
  const { operation, connections, seconds, stop, reference, mandates, readCpu } = scenario;
  const load = operation === 'putDebit' ? debitLoad(scenario) : verificationLoad(scenario);
  const bare = () => reference.debit(nextOrder(mandates));
  const warmedUp = nothingMeasured();
  await measure(warmedUp, { connections, seconds: warmUpSeconds, stop }, load.once);
  const bareWarmedUp = nothingMeasured();
  while (bareWarmedUp.milliseconds.length < connections * warmUpDebits && bareWarmedUp.seconds < mostWarmUpSeconds)
    await measure(bareWarmedUp, { connections, seconds: warmUpSeconds, stop }, bare);

  const turns = Math.max(1, Math.round(seconds));
  const turn = { connections, seconds: seconds / turns, stop };
  const gateway = { measured: nothingMeasured(), cpu: [] as CpuPair[] };
  const base = { measured: nothingMeasured(), cpu: [] as CpuPair[] };
  load.forgetWarmUp();
  for (let number = 0; number < turns; number += 1) {
    const rate = perSecond(number === 0 ? warmedUp : gateway.measured);
    await load.prepare(Math.ceil(rate * turn.seconds * 1.5) + connections);
    await measuredTurn(gateway, readCpu, turn, load.once);
    await measuredTurn(base, readCpu, turn, bare);
  }
  return rowOf(scenario, gateway, base, load.signedWhileMeasured());
}

type Side = { measured: Measured; cpu: CpuPair[] };

async function measuredTurn(
  side: Side,
  readCpu: ReadCpu,
  turn: Parameters<typeof measure>[1],
  once: () => Promise<void>,
): Promise<void> {
  const before = await readCpu();
  await measure(side.measured, turn, once);
  side.cpu.push([before, await readCpu()]);
}

function rowOf({ operation, connections }: Scenario, gateway: Side, base: Side, signedWhileMeasured: number): Row {
  const requests = gateway.measured.milliseconds.length;
  const [rate, baseRate] = [perSecond(gateway.measured), perSecond(base.measured)];
  const cpu = (side: Side, whose: keyof CpuReading) =>
    rounded(cpuARequest(side.cpu, whose, side.measured.milliseconds.length));
  return {
    operation,
    connections,
    perSecond: rounded(rate),
    p50Milliseconds: rounded(quantile(gateway.measured.milliseconds, 0.5)),
    p99Milliseconds: rounded(quantile(gateway.measured.milliseconds, 0.99)),
    referencePerSecond: rounded(baseRate),
    ratio: rounded(rate / baseRate),
    referenceP50Milliseconds: rounded(quantile(base.measured.milliseconds, 0.5)),
    referenceP99Milliseconds: rounded(quantile(base.measured.milliseconds, 0.99)),
    gatewayCpuMilliseconds: cpu(gateway, 'gateway'),
    postgresCpuMilliseconds: cpu(gateway, 'postgres'),
    generatorCpuMilliseconds: cpu(gateway, 'generator'),
    referencePostgresCpuMilliseconds: cpu(base, 'postgres'),
    signedWhileMeasured: Math.min(signedWhileMeasured, requests),
  };
}

function rounded(value: number): number;
function rounded(value: number | null): number | null;
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}

type Load = {
  once: () => Promise<void>;
  /** Makes so many requests ready, outside of the measured time. */
  prepare: (count: number) => Promise<void>;
  forgetWarmUp: () => void;
  signedWhileMeasured: () => number;
};

function debitLoad({ client, mandates }: Scenario): Load {
  let ready: (() => Promise<Reply>)[] = [];
  let signedLate = 0;
  const prepared = () => {
    const order = nextOrder(mandates);
    return client.prepare(`/v1/debits/${order.endToEndId}`, bodyOf(order));
  };
  return {
    async once() {
      let send = ready.pop();
      if (send === undefined) {
        signedLate += 1;
        send = await prepared();
      }
      expectAnswer(await send(), 201, 'state', 'SETTLED');
    },
    async prepare(count) {
      // What is left is too old to be kept: a signature is good for minutes only.
      ready = [];
      // Few at a time, so that the threads which sign are not asked for thousands at once.
      for (let made = 0; made < count; made += 50)
        ready.push(...(await Promise.all(Array.from({ length: Math.min(50, count - made) }, prepared))));
    },
    forgetWarmUp() {
      signedLate = 0;
    },
    signedWhileMeasured: () => signedLate,
  };
}

function verificationLoad({ client, mandates }: Scenario): Load {
  const bodies = mandates.map(({ certificate, employerNumber, rib }) =>
    Buffer.from(JSON.stringify({ certificate, expected: { employerNumber, rib } })),
  );
  let next = 0;
  return {
    async once() {
      const body = bodies[next++ % bodies.length] ?? Buffer.alloc(0);
      expectAnswer(await client.post('/v1/mandate-verifications', body, 'application/json'), 200, 'status', 'VALID');
    },
    prepare: async () => undefined,
    forgetWarmUp: () => undefined,
    signedWhileMeasured: () => 0,
  };
}

/** A fast refusal is no throughput: the first answer that is not the good one ends the run. */
function expectAnswer({ status, json }: Reply, expected: number, member: string, value: string): void {
  if (status === expected && json?.[member] === value) return;
  throw new Error(`an answer was ${status} ${json?.[member] ?? json?.type ?? ''}: ${json?.detail ?? ''}`);
}

let orders = 0;

/** One dinar for a declaration of its own, from one mandate after the other, so that those under way hardly ever share one. */
function nextOrder(mandates: readonly BenchMandate[]): DebitOrder {
  orders += 1;
  const mandate = mandates[orders % mandates.length];
  const creditor = parseCreditorCode('CNAS');
  const endToEndId = parseEndToEndId(`BENCH-${orders}`);
  const declaration = parseDeclarationReference(`DAC-${orders}`);
  const amount = parseAmount('1.00');
  if (!mandate || !creditor || !endToEndId || !declaration || !amount) throw new RangeError('not an order');
  const { mandateId, employerNumber } = mandate;
  const none = { periodLabel: undefined, dueDate: undefined, executionDate: undefined, expiresAt: undefined };
  return {
    ...none,
    creditor,
    endToEndId,
    mandateId,
    employerNumber,
    declaration,
    declared: amount,
    amount,
    whenClosed: 'WAIT',
    retryOf: undefined,
  };
}

const bodyOf = ({ mandateId, employerNumber, amount, declaration, declared }: DebitOrder) => ({
  mandateId,
  employerNumber,
  amount: formatAmount(amount),
  currency: 'DZD',
  declaration: { reference: declaration, declaredAmount: formatAmount(declared) },
});
