import type { FaultReport } from './campaign.ts';

const rows: readonly (readonly [keyof FaultReport, string, string])[] = [
  ['asked', 'debits asked', ''],
  ['settled', 'settled', ''],
  ['rejected', 'rejected', ''],
  ['cancelled', 'cancelled', ''],
  ['reversed', 'reversed', ''],
  ['turnedAway', 'turned away, no name used', ''],
  ['inDoubt', 'in doubt', '0'],
  ['movedTwice', 'money moved twice', '0'],
  ['movedOtherwise', 'money moved otherwise than asked', '0'],
  ['confirmedNotMoved', 'confirmed but not moved', '0'],
  ['movedNotConfirmed', 'moved but not confirmed', '0'],
  ['refusedButMoved', 'refused but moved', '0'],
  ['unproven', 'tokens that do not verify, or are two of one', '0'],
  ['eventsMissing', 'events missing', '0'],
  ['eventsOutOfOrder', 'events out of order', '0'],
  ['statementDifference', 'statement totals less ledger totals, centimes', '0'],
];

/** What came out, as a table in Markdown. */
export function tableOf(report: FaultReport): string {
  return [
    '| what | figure | must be |',
    '| --- | ---: | ---: |',
    ...rows.map(([name, what, must]) => `| ${what} | ${String(report[name])} | ${must} |`),
  ].join('\n');
}

/** Figures that are not what they must be, and everything else that was found. */
export const findingsOf = (report: FaultReport): string[] => [
  ...rows.flatMap(([name, what, must]) =>
    must !== '' && String(report[name]) !== must ? [`${what}: ${report[name]}`] : [],
  ),
  ...report.violations,
];

/** How often each fault was played. */
export const faultsTable = ({ faults, bus }: FaultReport): string =>
  [
    '| fault | played |',
    '| --- | ---: |',
    ...Object.entries(faults).map(([name, count]) => `| ${name} | ${count} |`),
    ...Object.entries(bus).map(([name, count]) => `| the bus: ${name} | ${count} exchanges |`),
  ].join('\n');
