import { parseArgs } from 'node:util';
import { originOf, readConfig } from '../config.ts';
import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import { openClock } from '../database/clock.ts';
import { databaseFault } from '../database/faults.ts';
import { openPool } from '../database/pool.ts';
import { openTypesetter } from '../documents/typesetter.ts';
import { withoutValues } from '../operations/fault.ts';
import { makeDevelopmentKeys, readKeyFolder } from '../signing/keys.ts';
import { openSigner } from '../signing/sign.ts';
import { findDatabases } from './databases.ts';
import { type MandateProgram, perform, type Told } from './mandate-acts.ts';
import { acts, optionsOf, usage, usageOf } from './mandate-usage.ts';

/** Does what the command line says. Throws one line, or the usage, where it can't be read. */
export async function runMandate(open: () => Promise<MandateProgram>, words: readonly string[]): Promise<Told> {
  const [first = '--help', ...others] = words;
  if (first === '--help' || first === 'help') return { lines: [usage], value: { usage }, done: true };
  const act = acts.find((known) => known === first);
  if (act === undefined) throw new Error(`${first} is no act\n\n${usage}`);
  const { values, positionals } = parseArgs({
    args: others,
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      ...Object.fromEntries(optionsOf[act].map((option) => [option, { type: 'string' as const }])),
    },
  });
  if (values.help === true) return { lines: [usageOf(act)], value: { usage: usageOf(act) }, done: true };
  const [id, ...beyond] = positionals;
  if (beyond.length > 0) throw new Error(`what is ${beyond.join(' ')}?\n\n${usageOf(act)}`);
  const options = new Map(
    Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
  return perform(await open(), act, { id, options });
}

/** Amounts as the contract writes them would need their currency: JSON has centimes, as text. */
export const jsonOf = (value: object): string =>
  JSON.stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? member.toString() : member), 2);

async function main(): Promise<void> {
  const refusal = 'refused in production: staff sign in to the back office';
  // First, so that nobody is led to complete the settings for it.
  if (process.env.NODE_ENV === 'production' || process.env.GATEWAY_ENVIRONMENT === 'production')
    throw new Error(refusal);
  const config = readConfig(process.env);
  await using opened = new AsyncDisposableStack();
  const open = async (): Promise<MandateProgram> => {
    const { gateway, ledger } = opened.use(await findDatabases(config));
    const [pool, books] = [gateway, ledger].map((url) =>
      opened.adopt(openPool({ url, applicationName: 'gateway mandate', connections: 4 }), (one) => one.end()),
    );
    if (pool === undefined || books === undefined) throw new Error('no database');
    const { now } = await openClock(pool);
    // Beside the embedded database, and only what is missing: the gateway would make the same.
    if (config.databaseUrl === undefined) await makeDevelopmentKeys(config.keyFolder, now());
    const issuer = { issuer: config.issuer, environment: config.environment };
    return {
      desk: {
        pool,
        now,
        coreBanking: ledgerCoreBanking(books),
        sign: openSigner({ keys: await readKeyFolder(config.keyFolder), ...issuer, now }),
        bankCodes: config.bankCodes,
        issuer,
        submissionHours: 24,
      },
      bank: { nameFr: config.bankNameFrench, nameAr: config.bankNameArabic },
      environment: config.environment,
      keysAddress: () => `${originOf(config.publicOrigin, config.publicPort)}/.well-known/jwks.json`,
      typesetter: () => opened.use(openTypesetter()),
    };
  };
  const words = process.argv.slice(2);
  const told = await runMandate(open, words);
  console.log(words.includes('--json') ? jsonOf(told.value) : told.lines.join('\n'));
  if (!told.done) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((fault: unknown) => {
    // A database's message quotes values: of it only code and place are told.
    const own = fault instanceof Error && databaseFault(fault) === 'OTHER' && !('code' in fault && 'severity' in fault);
    console.error(own ? fault.message : JSON.stringify(withoutValues(fault)));
    process.exitCode = 2;
  });
}
