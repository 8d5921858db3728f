import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { databaseFault } from '../database/faults.ts';
import { openPool } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { withoutValues } from '../operations/fault.ts';
import type { BookComparison } from '../statements/books.ts';
import { compareBooksAgain, listComparisons, listReconciliations, selectDifferences } from '../statements/look-up.ts';
import type { Reconciliation } from '../statements/reconciliation.ts';
import { formatAmount } from '../values/centimes.ts';
import { type Day, parseDay } from '../values/dates.ts';
import { type CreditorCode, parseCreditorCode } from '../values/ids.ts';
import { findDatabases } from './databases.ts';

const usage = `npm run reconcile -- lists [--creditor CODE]
npm run reconcile -- books [--day YYYY-MM-DD]
npm run reconcile -- again --day YYYY-MM-DD --by WHO

  lists  what creditors expected, the latest 20 lists with what came of each
  books  our books against the core's, the latest 20 comparisons, or those of a day with each difference; ends with 1
         where the latest comparison of a day shown found any
  again  has a gateway compare a day again; WHO stands in the journal`;

export type ReconcileOptions =
  | { what: 'LISTS'; creditor: CreditorCode | undefined }
  | { what: 'BOOKS'; day: Day | undefined }
  | { what: 'AGAIN'; day: Day; by: string };

/** Reads the command line. Throws one line where it can't be read. */
export function readReconcileOptions(words: readonly string[]): ReconcileOptions | 'HELP' {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      creditor: { type: 'string' },
      day: { type: 'string' },
      by: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const day = values.day === undefined ? undefined : parseDay(values.day);
  if (values.day !== undefined && day === undefined) throw new Error('--day takes a day, 2026-01-31');
  const creditor = values.creditor === undefined ? undefined : parseCreditorCode(values.creditor);
  if (values.creditor !== undefined && creditor === undefined) throw new Error("--creditor takes a creditor's code");
  const [what, ...others] = positionals;
  if (values.help === true || what === undefined || others.length > 0) return 'HELP';
  switch (what) {
    case 'lists':
      return { what: 'LISTS', creditor };
    case 'books':
      return { what: 'BOOKS', day };
    case 'again':
      if (day === undefined || values.by === undefined || values.by === '')
        throw new Error('again needs --day and --by: who asks stands in the journal');
      return { what: 'AGAIN', day, by: values.by };
    default:
      return 'HELP';
  }
}

const shown = 20;

/** What it prints, and whether all that it shows agrees. */
export async function reconcile(
  db: Queryable,
  options: ReconcileOptions,
): Promise<{ lines: string[]; agrees: boolean }> {
  switch (options.what) {
    case 'LISTS': {
      const lists = await listReconciliations(db, { creditor: options.creditor, before: undefined, limit: shown });
      return { agrees: true, lines: lists.length === 0 ? ['No list was sent.'] : lists.map(listLine) };
    }
    case 'BOOKS':
      return books(db, options.day);
    case 'AGAIN': {
      const asked = await compareBooksAgain(db, { day: options.day, by: options.by, from: 'command' });
      const line = asked
        ? `${options.day} is compared again by a gateway.`
        : `${options.day} was never compared, or waits to be compared already.`;
      return { agrees: asked, lines: [line] };
    }
  }
}

async function books(db: Queryable, day: Day | undefined): Promise<{ lines: string[]; agrees: boolean }> {
  const before = day === undefined ? undefined : { day, attempt: 2_147_483_647 };
  const found = await listComparisons(db, { before, limit: shown });
  const comparisons = found.filter((comparison) => day === undefined || comparison.day === day);
  if (comparisons.length === 0) return { agrees: true, lines: ['No day was compared.'] };
  const latest = comparisons.filter(({ day: one }, at) => comparisons.findIndex((other) => other.day === one) === at);
  const differences = day === undefined ? [] : await differencesOf(db, latest);
  return {
    agrees: latest.every(({ compared }) => (compared?.differences ?? 0) === 0),
    lines: [...comparisons.map(comparisonLine), ...differences],
  };
}

async function differencesOf(db: Queryable, latest: readonly BookComparison[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { comparisonId } of latest)
    for (const { kind, reference, kept, booked } of await selectDifferences(db, {
      ...{ comparisonId, after: undefined, limit: 1_000 },
    })) {
      const here =
        kept === undefined ? 'nothing' : `${kept.state} ${kept.amount === undefined ? '' : formatAmount(kept.amount)}`;
      const there = booked === undefined ? 'nothing' : `${booked.bookingReference} ${formatAmount(booked.amount)}`;
      lines.push(`  ${kind} ${reference}: here ${here}, there ${there}${kept ? `, debit ${kept.debitId}` : ''}`);
    }
  return lines;
}

function listLine({ creditor, reference, days, expected, compared, matched }: Reconciliation): string {
  const name = `${creditor} ${reference} ${days.first}..${days.last}: ${expected.lines} expected, ${formatAmount(expected.amount)}`;
  if (matched === undefined) return `${name}; to be matched, ${compared} lines compared so far`;
  const { MATCHED, DIFFERING, MISSING, REPEATED, UNEXPECTED } = matched.figures;
  return `${name}; matched ${MATCHED.lines}, differing ${DIFFERING.lines}, missing ${MISSING.lines}, repeated ${REPEATED.lines}, unexpected ${UNEXPECTED.lines}`;
}

function comparisonLine({ day, attempt, compared }: BookComparison): string {
  if (compared === undefined) return `${day} (${attempt}): to be compared`;
  const { booked, agreed, agreedAmount, foreign, differences } = compared;
  return `${day} (${attempt}): ${booked} booked, ${agreed} agree (${formatAmount(agreedAmount)}), ${foreign} of no creditor, ${differences} differ`;
}

async function main(): Promise<void> {
  const options = readReconcileOptions(process.argv.slice(2));
  if (options === 'HELP') return console.log(usage);
  await using opened = new AsyncDisposableStack();
  const config = readConfig(process.env);
  const gateway = config.databaseUrl ?? opened.use(await findDatabases(config)).gateway;
  const pool = openPool({ url: gateway, applicationName: 'gateway reconcile', connections: 1, statementSeconds: 30 });
  opened.adopt(pool, (one) => one.end());
  const { lines, agrees } = await reconcile(pool, options);
  console.log(lines.join('\n'));
  if (!agrees) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((fault: unknown) => {
    // A database's message quotes values: of it only code and place are told.
    const own = fault instanceof Error && databaseFault(fault) === 'OTHER' && !('severity' in fault);
    console.error(own ? fault.message : JSON.stringify(withoutValues(fault)));
    process.exitCode = 2;
  });
}
