import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject } from 'ajv';
import { type Role, roles } from './back-office/staff.ts';
import { type Settings, settings } from './settings.ts';
import { contradictions, productionFaults, variableOf } from './settings-rules.ts';
import { type Centimes, parseAmount } from './values/centimes.ts';
import { type CreditorCode, parseCreditorCode } from './values/ids.ts';

/** The settings as the gateway works with them. Times are in seconds, sizes in bytes. */
export type Config = Omit<
  Settings,
  'bankCodes' | 'debitMaximum' | 'reversalAmountADay' | 'creditorRequestsPerSecond' | 'staffRoles'
> & {
  bankCodes: readonly string[];
  debitMaximum: Centimes;
  reversalAmountADay: Centimes;
  creditorRequestsPerSecond: ReadonlyMap<CreditorCode, number>;
  /** Which values of the identity provider's make someone what. */
  staffRoles: readonly { role: Role; value: string }[];
};

/** Reads GATEWAY_API_PORT and so on. Throws one error that lists every fault, a misspelt name among them. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const { given, unknown } = gatewaySettings(environment);
  const read: unknown = { ...derived(environment, given), ...given };
  const check = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true }).compile(settings);
  const faults = [...unknown];
  if (check(read)) {
    faults.push(...contradictions(read));
    if (isProduction(read, environment)) faults.push(...productionFaults(new Set(Object.keys(given)), read));
    if (faults.length === 0) return parsed(read);
  } else {
    faults.push(...(check.errors ?? []).map(faultOf));
  }
  throw new Error(`settings:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}

/** A build for production is one whatever the environment is called: NODE_ENV decides as well. */
export const isProduction = ({ environment }: Pick<Config, 'environment'>, { NODE_ENV }: NodeJS.ProcessEnv): boolean =>
  environment === 'production' || NODE_ENV === 'production';

/** A door's public origin: the one that is set, or this host's with the port that the door has taken. */
export const originOf = (origin: string | undefined, port: number): string => origin ?? `https://localhost:${port}`;

const sampleAgencies = fileURLToPath(new URL('./commands/sample-agencies.csv', import.meta.url));

/** Where the development certificates are made. */
export const developmentCertificates = fileURLToPath(new URL('../certs-dev/out', import.meta.url));

const settingOf = new Map(Object.keys(settings.properties ?? {}).map((setting) => [variableOf(setting), setting]));

/** What Kubernetes sets for a service that is called gateway, and what the tests are told: no settings of ours. */
const foreign = /^GATEWAY_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP).*)?|TESTS_.+)$/;

function gatewaySettings(environment: NodeJS.ProcessEnv): { given: Record<string, string>; unknown: string[] } {
  const given: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [variable, value = ''] of Object.entries(environment)) {
    if (!variable.startsWith('GATEWAY_') || foreign.test(variable)) continue;
    const setting = settingOf.get(variable);
    if (setting === undefined) unknown.push(`${variable} is no setting${hint(variable)}`);
    else given[setting] = value;
  }
  return { given, unknown };
}

/** Defaults that follow from the machine or from other settings. */
function derived(
  environment: NodeJS.ProcessEnv,
  { dataFolder = stateFolder(environment), ...given }: Record<string, string>,
) {
  const runFor = environment.NODE_ENV === 'production' ? 'production' : 'development';
  return {
    environment: runFor,
    // A real bank's agencies are not those of the samples.
    ...((given.environment ?? runFor) !== 'production' && { agenciesFile: sampleAgencies }),
    dataFolder,
    keyFolder: path.join(dataFolder, 'keys'),
    tlsCertificateFile: path.join(developmentCertificates, 'server.pem'),
    tlsKeyFile: path.join(developmentCertificates, 'server-key.pem'),
    clientAuthoritiesFile: path.join(developmentCertificates, 'ca.pem'),
  };
}

/** Root's home is closed to the account that the embedded PostgreSQL runs as, so root's data stands elsewhere. */
function stateFolder({ XDG_STATE_HOME, HOME = os.homedir() }: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return '/var/lib/cnas-debit-gateway';
  return path.join(XDG_STATE_HOME ?? path.join(HOME, '.local', 'state'), 'cnas-debit-gateway');
}

function parsed(read: Settings): Config {
  const debitMaximum = parseAmount(read.debitMaximum);
  const reversalAmountADay = parseAmount(read.reversalAmountADay);
  if (debitMaximum === undefined || reversalAmountADay === undefined)
    throw new RangeError('the schema lets an amount through that is none');
  return {
    ...read,
    bankCodes: read.bankCodes.split(','),
    debitMaximum,
    reversalAmountADay,
    creditorRequestsPerSecond: new Map(read.creditorRequestsPerSecond.split(',').flatMap(rateOf)),
    staffRoles: read.staffRoles.split(',').flatMap(roleOf),
  };
}

function rateOf(entry: string): [CreditorCode, number][] {
  const [name = '', rate] = entry.split('=');
  const code = parseCreditorCode(name);
  return code === undefined ? [] : [[code, Number(rate)]];
}

function roleOf(entry: string): { role: Role; value: string }[] {
  const [name, value = ''] = entry.split('=');
  const role = roles.find((known) => known === name);
  return role === undefined ? [] : [{ role, value }];
}

/** Never with the value: it may be a password. */
function faultOf({ instancePath, keyword, message = 'is wrong', params }: ErrorObject): string {
  const allowed = keyword === 'enum' ? `: ${[params.allowedValues].flat().join(', ')}` : '';
  return `${variableOf(instancePath.slice(1))} ${message}${allowed}`;
}

/** The nearest known name, where it is near enough to have been meant. */
function hint(variable: string): string {
  const distances = [...settingOf.keys()].map((known) => ({ known, distance: editDistance(variable, known) }));
  const nearest = distances.reduce((best, one) => (one.distance < best.distance ? one : best));
  return nearest.distance <= Math.max(3, variable.length / 3) ? `: is ${nearest.known} meant?` : '';
}

/** Levenshtein's: how many letters to put in, take out or change. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...one].entries()) {
    const above = row;
    row = [line + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const changed = (above[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      row.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
