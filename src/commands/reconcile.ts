import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { databaseFault } from '../database/faults.ts';
import { openPool } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { withoutValues } from '../operations/fault.ts';
import type { BookComparison } from '../statements/books.ts';
import {
  compareBooksAgain,
  findReconciliation,
  listComparisons,
  listReconciliations,
  selectDifferences,
  selectReconciliationLines,
} from '../statements/look-up.ts';
import type { Reconciliation, ReconciliationLine } from '../statements/reconciliation.ts';
import { formatAmount } from '../values/centimes.ts';
import { type Day, parseDay } from '../values/dates.ts';
import { type CreditorCode, parseCreditorCode } from '../values/ids.ts';
import { findDatabases } from './databases.ts';

const usage = `npm run reconcile -- lists [--creditor CODE]
npm run reconcile -- lists --creditor CODE --reference REFERENCE
npm run reconcile -- books [--day YYYY-MM-DD]
npm run reconcile -- again --day YYYY-MM-DD --by WHO

  lists  what creditors expected, the latest 20 lists with what came of each; of one list each line that did not match
  books  our books against the core's, the latest 20 comparisons, or those of a day with each difference of the latest

         both end with 1 where a list, or the latest comparison of a day, differs or has not been compared yet
  again  has a gateway compare a day again; WHO stands in the journal`;

export type ReconcileOptions =
  | { what: 'LISTS'; creditor: CreditorCode | undefined }
  | { what: 'LIST'; creditor: CreditorCode; reference: string }
  | { what: 'BOOKS'; day: Day | undefined }
  | { what: 'AGAIN'; day: Day; by: string };

/** Reads the command line. Throws one line where it can't be read. */
export function readReconcileOptions(words: readonly string[]): ReconcileOptions | 'HELP' {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      creditor: { type: 'string' },
      reference: { type: 'string' },
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
      if (values.reference === undefined) return { what: 'LISTS', creditor };
      if (creditor === undefined)
        throw new Error('--reference needs --creditor: a list has the name that its creditor gave it');
      return { what: 'LIST', creditor, reference: values.reference };
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
const pageLines = 1_000;

/** Prints line by line, however many there are. Answers whether all that it was asked for was compared, and agrees. */
export async function reconcile(
  db: Queryable,
  options: ReconcileOptions,
  print: (line: string) => void,
): Promise<boolean> {
  switch (options.what) {
    case 'LISTS':
      return lists(db, options.creditor, print);
    case 'LIST':
      return list(db, options, print);
    case 'BOOKS':
      return books(db, options.day, print);
    case 'AGAIN': {
      const asked = await compareBooksAgain(db, { day: options.day, by: options.by, from: 'command' });
      print(
        asked
          ? `${options.day} is compared again by a gateway.`
          : `${options.day} was never compared, or waits to be compared already.`,
      );
      return asked;
    }
  }
}

type Print = (line: string) => void;

async function lists(db: Queryable, creditor: CreditorCode | undefined, print: Print): Promise<boolean> {
  const found = await listReconciliations(db, { creditor, before: undefined, limit: shown + 1 });
  const latest = found.slice(0, shown);
  if (latest.length === 0) print('No list was sent.');
  for (const one of latest) print(listLine(one));
  if (found.length > shown) print(`Older lists are not shown: these are the latest ${shown}.`);
  return latest.every(agrees);
}

async function list(db: Queryable, named: { creditor: CreditorCode; reference: string }, print: Print) {
  const found = await findReconciliation(db, named.creditor, named.reference);
  if (found === undefined) {
    print(`${named.creditor} has sent no list ${named.reference}.`);
    return false;
  }
  print(listLine(found));
  const { reconciliationId } = found;
  for (const outcome of ['DIFFERING', 'MISSING', 'REPEATED', 'UNEXPECTED'] as const) {
    let after: ReconciliationLine | undefined;
    do {
      const asked = { reconciliationId, outcome, after, limit: pageLines };
      const page = await selectReconciliationLines(db, asked);
      for (const line of page) print(unmatchedLine(line));
      after = page.length < pageLines ? undefined : page.at(-1);
    } while (after !== undefined);
  }
  return agrees(found);
}

/** Every line of it is matched, and nothing settled beside it. */
const agrees = ({ expected, matched }: Reconciliation): boolean =>
  matched !== undefined && matched.figures.MATCHED.lines === expected.lines && matched.figures.UNEXPECTED.lines === 0;

async function books(db: Queryable, day: Day | undefined, print: Print): Promise<boolean> {
  const before = day === undefined ? undefined : { day, attempt: 2_147_483_647 };
  const found = await listComparisons(db, { before, limit: shown + 1 });
  const asked = found.filter((comparison) => day === undefined || comparison.day === day);
  const comparisons = asked.slice(0, shown);
  if (comparisons.length === 0) print(day === undefined ? 'No day was compared.' : `${day} was never compared.`);
  const latest = comparisons.filter(({ day: one }, at) => comparisons.findIndex((other) => other.day === one) === at);
  for (const comparison of comparisons) print(comparisonLine(comparison));
  if (asked.length > shown) print(`Older comparisons are not shown: these are the latest ${shown}.`);
  if (day !== undefined) for (const { comparisonId } of latest) await printDifferences(db, comparisonId, print);
  return latest.length > 0 && latest.every(({ compared }) => compared?.differences === 0);
}

async function printDifferences(db: Queryable, comparisonId: string, print: Print): Promise<void> {
  let after: string | undefined;
  do {
    const page = await selectDifferences(db, { comparisonId, after, limit: pageLines });
    for (const { kind, reference, kept, booked } of page) {
      const here =
        kept === undefined ? 'nothing' : `${kept.state} ${kept.amount === undefined ? '' : formatAmount(kept.amount)}`;
      const there = booked === undefined ? 'nothing' : `${booked.bookingReference} ${formatAmount(booked.amount)}`;
      print(`  ${kind} ${reference}: here ${here}, there ${there}${kept ? `, debit ${kept.debitId}` : ''}`);
    }
    after = page.length < pageLines ? undefined : page.at(-1)?.differenceId;
  } while (after !== undefined);
}

function unmatchedLine({ outcome, line, endToEndId, expected, settled, state, debit }: ReconciliationLine): string {
  const awaited = expected === undefined ? 'nothing expected' : `expected ${formatAmount(expected.amount)}`;
  const came = settled === undefined ? 'nothing settled' : `settled ${formatAmount(settled)}`;
  const where = line === 0 ? '' : ` (line ${line})`;
  return `  ${outcome} ${endToEndId}${where}: ${awaited}, ${came}${state ? `, ${state}` : ''}${debit ? `, debit ${debit.debitId}` : ''}`;
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
  if (!(await reconcile(pool, options, (line) => console.log(line)))) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((fault: unknown) => {
    // A database's message quotes values: of it only code and place are told.
    const own = fault instanceof Error && databaseFault(fault) === 'OTHER' && !('severity' in fault);
    console.error(own ? fault.message : JSON.stringify(withoutValues(fault)));
    process.exitCode = 2;
  });
}
