import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { Row } from './bench-scenario.ts';

/** The machine that the figures are of: without it they say nothing. */
export async function machineLines(postgresVersion: string, dataFolder: string): Promise<string[]> {
  const cores = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return [
    `${os.availableParallelism()} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${memory} GB, ${os.type()} ${os.release()} ${os.arch()}`,
    `Node ${process.version}, PostgreSQL ${postgresVersion}, its data ${(await inMemory(dataFolder)) ? 'in memory (tmpfs): commits cost less than on a disk' : 'on a disk, each commit flushed to it'}`,
  ];
}

/** What the figures are, and what they are not. */
export const remarks = [
  'The load generator shares the cores with the gateway and PostgreSQL: on machines of their own each has more.',
  'Loopback, one gateway process, one creditor; each connection asks again when it has its answer.',
  'A debit: signed PUT, settled by the embedded ledger, answered 201 with its confirmation. Signed before the measured time.',
  'A verification: token in JSON with employer number and RIB expected, answered VALID in a signed verdict.',
  "The reference: one debit's three statements alone (reserve, book, settle), each a set of one, as many at once; no HTTP,",
  'no signature. Measured in turns of about a second with the line beside which it stands. Ratio: per second by reference.',
];

const tmpfs = 0x0102_1994;

const inMemory = async (folder: string): Promise<boolean> => (await statfs(folder)).type === tmpfs;

const names = { putDebit: 'debit', verifyMandate: 'verification' };

const columns: readonly (readonly [top: string, bottom: string, cell: (row: Row) => string])[] = [
  ['', 'operation', ({ operation }) => names[operation]],
  ['connec-', 'tions', ({ connections }) => String(connections)],
  ['per', 'second', ({ perSecond }) => perSecond.toFixed(0)],
  ['p50', 'ms', ({ p50Milliseconds }) => p50Milliseconds.toFixed(1)],
  ['p99', 'ms', ({ p99Milliseconds }) => p99Milliseconds.toFixed(1)],
  ['reference', 'per second', ({ referencePerSecond }) => referencePerSecond.toFixed(0)],
  ['', 'ratio', ({ ratio }) => ratio.toFixed(2)],
  ['CPU ms a request:', 'gateway', ({ gatewayCpuMilliseconds }) => milliseconds(gatewayCpuMilliseconds)],
  ['', 'Postgres', ({ postgresCpuMilliseconds }) => milliseconds(postgresCpuMilliseconds)],
  ['', 'generator', ({ generatorCpuMilliseconds }) => milliseconds(generatorCpuMilliseconds)],
  ['reference:', 'Postgres', ({ referencePostgresCpuMilliseconds }) => milliseconds(referencePostgresCpuMilliseconds)],
];

const milliseconds = (value: number | null): string => (value === null ? '-' : value.toFixed(2));

export const header = (): string[] => [line(columns.map(([top]) => top)), line(columns.map(([, bottom]) => bottom))];

export const rowLine = (row: Row): string => line(columns.map(([, , cell]) => cell(row)));

/** What is to be said of these figures beside them. */
export function notes(rows: readonly Row[], othersShare: number | undefined): string[] {
  const late = rows.reduce((sum, { signedWhileMeasured }) => sum + signedWhileMeasured, 0);
  return [
    ...(othersShare === undefined
      ? []
      : [
          `Other programs took ${Math.round(othersShare * 100)} % of the cores meanwhile; the ratio bears that, the rest does not.`,
        ]),
    ...(rows.some(({ gatewayCpuMilliseconds }) => gatewayCpuMilliseconds === null)
      ? ['CPU time of gateway and PostgreSQL is not told: there is no /proc here (only Linux has it).']
      : []),
    ...(late > 0
      ? [`${late} debits were signed within the measured time: more were asked than had been made ready.`]
      : []),
  ];
}

const line = ([first = '', ...others]: readonly string[]): string =>
  [first.padEnd(13), ...others.map((cell, position) => cell.padStart(widths[position] ?? 9))].join(' ').trimEnd();

const widths = [7, 7, 7, 7, 10, 6, 17, 8, 9, 10];
