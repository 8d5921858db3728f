import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { databaseFault } from '../database/faults.ts';
import { openPool } from '../database/pool.ts';
import type { Queryable } from '../database/queryable.ts';
import { placeText } from '../journal/canonical.ts';
import { type Head, type JournalFault, verifyJournal } from '../journal/verify.ts';
import { withoutValues } from '../operations/fault.ts';
import { findDatabases } from './databases.ts';

const usage = `npm run verify-journal -- [--head EPOCH/NUMBER:HASH] [--unsealed-after SECONDS]

Verifies every row of the journal against its seal, every seal against the one before it, and that no row stands without
one. Names the first row that was altered, removed or put in, and ends with 1 then; with 2 where it could not look.

  --head            the last head that was kept elsewhere: alone it tells of a journal that was written anew whole, or
                    cut at its end. Keep the head that is printed where the database's administrators can't write.
  --unsealed-after  how long a row may wait for its seal (60 seconds)`;

export type VerifyJournalOptions = { kept: Head | undefined; unsealedSeconds: number };

/** Reads the command line. Throws one line, or the usage, where it can't be read. */
export function readVerifyOptions(words: readonly string[]): VerifyJournalOptions | 'HELP' {
  const { values } = parseArgs({
    args: [...words],
    options: { head: { type: 'string' }, 'unsealed-after': { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) return 'HELP';
  const unsealedSeconds = Number(values['unsealed-after'] ?? 60);
  if (!(unsealedSeconds >= 0)) throw new Error('--unsealed-after takes seconds');
  return { kept: values.head === undefined ? undefined : readHead(values.head), unsealedSeconds };
}

function readHead(text: string): Head {
  const [, epoch, number, hash] = /^(\d{1,9})\/(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (epoch === undefined || number === undefined || hash === undefined)
    throw new Error('--head is EPOCH/NUMBER:HASH, as it was printed');
  return { epoch: Number(epoch), number: Number(number), hash };
}

/** Verifies, and says it in lines. Its head goes with it where all is well: one of an altered journal is not to be kept. */
export async function tellOfJournal(
  db: Queryable,
  options: VerifyJournalOptions,
): Promise<{ lines: string[]; sound: boolean }> {
  const { faults, sealed, waiting, head } = await verifyJournal(db, options);
  if (faults.length > 0) return { lines: faults.map(told), sound: false };
  const kept = options.kept === undefined ? [] : [`It holds the head that was kept, ${placeText(options.kept)}.`];
  return {
    sound: true,
    lines: [
      `The journal is sound: ${sealed} rows sealed, ${waiting} waiting for it.`,
      ...kept,
      ...(head === undefined ? [] : [`head ${placeText(head)}:${head.hash}`]),
    ],
  };
}

function told(fault: JournalFault): string {
  switch (fault.fault) {
    case 'ALTERED':
      return `Row ${fault.entryId} was altered after it was sealed as ${placeText(fault.place)} (now ${fault.kind}${of(fault.subjectId)}).`;
    case 'REMOVED':
      return `Row ${fault.entryId} was removed: its seal ${placeText(fault.place)} stands without it.`;
    case 'RESEALED':
      return `Seal ${placeText(fault.place)}, of row ${fault.entryId}, does not follow from the one before: it was altered, put in, or changed places.`;
    case 'MISSING':
      return `Seal ${placeText(fault.place)} was removed: the numbers have a gap there.`;
    case 'OTHER_HEAD':
      return `The hash at ${placeText(fault.place)} is not the one that was kept: the journal was written anew.`;
    case 'SHORTER':
      return `The journal ends before ${placeText(fault.place)}, which was sealed once: rows were removed from its end.`;
    case 'PUT_IN':
      return `Row ${fault.entryId} (${fault.kind}${of(fault.subjectId)}) was put in where all rows had been sealed.`;
    case 'UNSEALED':
      return `Row ${fault.entryId} (${fault.kind}${of(fault.subjectId)}) waits too long for its seal: is a gateway running, is a transaction open?`;
    case 'EPOCH':
      return `Epoch ${fault.epoch} is not as it was when it began: its row was altered or removed.`;
  }
}

const of = (subjectId: string | undefined) => (subjectId === undefined ? '' : ` of ${subjectId}`);

async function main(): Promise<void> {
  const options = readVerifyOptions(process.argv.slice(2));
  if (options === 'HELP') return console.log(usage);
  await using opened = new AsyncDisposableStack();
  const config = readConfig(process.env);
  // Where the settings name it, as it is: looking migrates nothing.
  const gateway = config.databaseUrl ?? opened.use(await findDatabases(config)).gateway;
  const pool = openPool({
    url: gateway,
    applicationName: 'gateway verify-journal',
    connections: 1,
    statementSeconds: 60,
  });
  opened.adopt(pool, (one) => one.end());
  const { lines, sound } = await tellOfJournal(pool, options);
  console[sound ? 'log' : 'error'](lines.join('\n'));
  if (!sound) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((fault: unknown) => {
    // A database's message quotes values: of it only code and place are told.
    const own = fault instanceof Error && databaseFault(fault) === 'OTHER' && !('severity' in fault);
    console.error(own ? fault.message : JSON.stringify(withoutValues(fault)));
    process.exitCode = 2;
  });
}
