import { settings } from './settings.ts';
import { order, orderOrEqual, variableOf } from './settings-rules.ts';

type Shown = { description?: string; default?: unknown };

const shown: Readonly<Record<string, Shown>> = { ...settings.properties };

/** docs/TIME-LIMITS.md's table of what must be less than what, in Markdown. */
export function timeLimitsTable(): string {
  const row = (less: string, how: string, more: string, why: string) =>
    `| ${named(less)} | ${how} | ${named(more)} | ${why} |`;
  return [
    '| limit | must be | limit | else |',
    '| --- | --- | --- | --- |',
    ...order.map(([less, more, why]) => row(less, 'below', more, why)),
    ...orderOrEqual.map(([less, more, why]) => row(less, 'at most', more, why)),
  ].join('\n');
}

const named = (setting: string): string => `\`${variableOf(setting)}\` (${shown[setting]?.default})`;

const timesOfADebit = [
  'coreCallSeconds',
  'statementSeconds',
  'answerSeconds',
  'leaseSeconds',
  'clientPatienceSeconds',
  'debitLifetimeSeconds',
  'resolveWithinSeconds',
  'sweepSeconds',
] as const;

/** Its table of the times of one debit, the shortest first. */
export const debitTimesTable = (): string =>
  [
    '| after | setting | what ends then |',
    '| --- | --- | --- |',
    ...timesOfADebit
      .map((setting) => ({ setting, ...shown[setting] }))
      .toSorted((one, other) => Number(one.default) - Number(other.default))
      .map(
        ({ setting, default: value, description }) => `| ${value} s | \`${variableOf(setting)}\` | ${description} |`,
      ),
  ].join('\n');
