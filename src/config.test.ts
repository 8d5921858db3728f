import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { originOf, readConfig } from './config.ts';
import { secondsBeforeQuestion } from './debits/doubt.ts';
import { requireSafeFiles } from './settings-files.ts';
import { debitTimesTable, timeLimitsTable } from './settings-limits-table.ts';
import { settingsTable } from './settings-table.ts';

const production = {
  GATEWAY_ENVIRONMENT: 'production',
  GATEWAY_DATABASE_URL: 'postgresql://gateway_runtime:secret@db/gateway',
  GATEWAY_LEDGER_DATABASE_URL: 'postgresql://ledger_runtime:secret@db/gateway',
  GATEWAY_KEY_FOLDER: '/etc/gateway/keys',
  GATEWAY_TLS_CERTIFICATE_FILE: '/etc/gateway/server.pem',
  GATEWAY_TLS_KEY_FILE: '/etc/gateway/server-key.pem',
  GATEWAY_CLIENT_AUTHORITIES_FILE: '/etc/gateway/ca.pem',
  GATEWAY_API_ORIGIN: 'https://cnas.bank.dz',
  GATEWAY_PUBLIC_ORIGIN: 'https://cnas-public.bank.dz',
  GATEWAY_BACK_OFFICE_ORIGIN: 'https://gateway.bank.dz',
  GATEWAY_SIGN_IN_ISSUER: 'https://identity.bank.dz',
  GATEWAY_SIGN_IN_CLIENT_ID: 'gateway',
  GATEWAY_SIGN_IN_CLIENT_SECRET_FILE: '/etc/gateway/sign-in-secret',
  GATEWAY_ISSUER: 'https://cnas.bank.dz',
  GATEWAY_BANK_NAME_FRENCH: 'Banque',
  GATEWAY_BANK_NAME_ARABIC: 'بنك',
  GATEWAY_BANK_CODES: '005',
  GATEWAY_DEBIT_MAXIMUM: '50000000.00',
};

/** The lines of the one error, without their indentation. */
function faultsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof Error) return error.message.split('\n').map((line) => line.trim());
    throw error;
  }
  return [];
}

test('an empty environment gives the whole gateway for development', () => {
  const config = readConfig({ PATH: '/usr/bin' });
  expect(config).toMatchObject({
    environment: 'development',
    apiPort: 8443,
    publicPort: 8445,
    operationsPort: 9464,
    operationsHost: '127.0.0.1',
    bankCodes: ['005'],
    debitMaximum: 100_000_000_000n,
    coreCallSeconds: 5,
    answerSeconds: 8,
    clientPatienceSeconds: 30,
    debitsADay: 100,
    fundsRefusalsADay: 3,
    reversalWindowDays: 30,
    reversalsADay: 1_000,
    reversalAmountADay: 100_000_000_000n,
    contestTermDays: 30,
  });
  expect(config.databaseUrl).toBeUndefined();
  expect(config.keyFolder).toBe(path.join(config.dataFolder, 'keys'));
  expect(originOf(config.apiOrigin, config.apiPort)).toBe('https://localhost:8443');
});

test('values are read as what they are', () => {
  const config = readConfig({
    GATEWAY_BANK_CODES: '005,105',
    GATEWAY_DEBIT_MAXIMUM: '125000.50',
    GATEWAY_CREDITOR_REQUESTS_PER_SECOND: 'CNAS=2000,CACOBATPH=200',
    GATEWAY_LEASE_SECONDS: '8.5',
    GATEWAY_API_PORT: '0',
  });
  expect(config.bankCodes).toEqual(['005', '105']);
  expect(config.debitMaximum).toBe(12_500_050n);
  expect([...config.creditorRequestsPerSecond]).toEqual([
    ['CNAS', 2000],
    ['CACOBATPH', 200],
  ]);
  expect(config.leaseSeconds).toBe(8.5);
  expect(originOf(config.apiOrigin, 40_001)).toBe('https://localhost:40001');
});

test('every fault is told at once, and none with its value', () => {
  const faults = faultsOf({
    GATEWAY_API_PORT: 'secret-port',
    GATEWAY_DATABASE_URL: 'mysql://gateway:secret@db',
    GATEWAY_LOG_LEVEL: 'secret',
    GATEWAY_KEY_FOLDER: '',
    GATEWAY_DEBIT_MAXIMUM: '1e9',
  });
  expect(faults[0]).toBe('settings:');
  expect(faults.slice(1).map((fault) => fault.split(' ')[0])).toEqual([
    'GATEWAY_DATABASE_URL',
    'GATEWAY_KEY_FOLDER',
    'GATEWAY_API_PORT',
    'GATEWAY_DEBIT_MAXIMUM',
    'GATEWAY_LOG_LEVEL',
  ]);
  expect(faults.join()).not.toContain('secret');
  expect(faults.at(-1)).toContain('trace, debug, info');
});

test('a misspelt name is refused with the nearest one; what Kubernetes sets by itself is not ours', () => {
  expect(faultsOf({ GATEWAY_APIPORT: '8443', GATEWAY_DATABSE_URL: 'x', GATEWAY_ZZZZZZZZZZZZZZ: '1' }).slice(1)).toEqual(
    [
      'GATEWAY_APIPORT is no setting: is GATEWAY_API_PORT meant?',
      'GATEWAY_DATABSE_URL is no setting: is GATEWAY_DATABASE_URL meant?',
      'GATEWAY_ZZZZZZZZZZZZZZ is no setting',
    ],
  );
  const kubernetes = { GATEWAY_SERVICE_HOST: '10.0.0.1', GATEWAY_PORT: 'tcp://10.0.0.1', GATEWAY_PORT_8443_TCP: 'x' };
  expect(faultsOf(kubernetes)).toEqual([]);
});

test.each([
  ['GATEWAY_CORE_CALL_SECONDS', '8', 'GATEWAY_ANSWER_SECONDS'],
  ['GATEWAY_ANSWER_SECONDS', '30', 'GATEWAY_CLIENT_PATIENCE_SECONDS'],
  ['GATEWAY_LEASE_SECONDS', '8', 'GATEWAY_ANSWER_SECONDS'],
  ['GATEWAY_RESOLVE_WITHIN_SECONDS', '15', 'GATEWAY_LEASE_SECONDS'],
  ['GATEWAY_CONNECTIONS_PER_CLIENT', '2001', 'GATEWAY_CONNECTIONS'],
  ['GATEWAY_PUBLIC_PORT', '8443', 'GATEWAY_PUBLIC_PORT is another door'],
  ['GATEWAY_BACK_OFFICE_PORT', '8443', 'GATEWAY_BACK_OFFICE_PORT is another door'],
  ['GATEWAY_SESSION_SECONDS', '900', 'GATEWAY_SESSION_IDLE_SECONDS'],
  ['GATEWAY_UPLOAD_SECONDS', '5', 'GATEWAY_REQUEST_SECONDS'],
  ['GATEWAY_SIGN_IN_ISSUER', 'https://identity.bank.dz', 'GATEWAY_SIGN_IN_CLIENT_SECRET_FILE'],
  ['GATEWAY_MIGRATION_DATABASE_URL', 'postgresql://owner@db/gateway', 'GATEWAY_DATABASE_URL'],
])('settings that contradict each other are refused: %s of %s', (variable, value, other) => {
  const faults = faultsOf({ [variable]: value });
  expect(faults.some((fault) => fault.includes(variable) && fault.includes(other))).toBe(true);
});

test('the identity provider is reached by https, and each role that it names is one of ours', () => {
  const set = { GATEWAY_SIGN_IN_CLIENT_SECRET_FILE: '/etc/gateway/secret' };
  expect(faultsOf({ ...set, GATEWAY_SIGN_IN_ISSUER: 'http://identity.bank.dz' }).join()).toContain(
    'GATEWAY_SIGN_IN_ISSUER',
  );
  for (const mapping of ['chief=x', 'officer', 'officer=', 'officer=a b', 'officer=a,,auditor=b'])
    expect(faultsOf({ GATEWAY_STAFF_ROLES: mapping }).join(), mapping).toContain('GATEWAY_STAFF_ROLES');
  expect(readConfig({ GATEWAY_STAFF_ROLES: 'officer=a,officer=b,auditor=/bank/audit' }).staffRoles).toEqual([
    { role: 'officer', value: 'a' },
    { role: 'officer', value: 'b' },
    { role: 'auditor', value: '/bank/audit' },
  ]);
  expect(faultsOf({ GATEWAY_SIGN_IN_SCOPES: 'profile' }).join()).toContain('GATEWAY_SIGN_IN_SCOPES');
});

test('production must be told what the bank has; NODE_ENV makes it production as well', () => {
  expect(readConfig(production).environment).toBe('production');
  for (const variable of ['GATEWAY_SIGN_IN_ISSUER', 'GATEWAY_SIGN_IN_CLIENT_SECRET_FILE', 'GATEWAY_BACK_OFFICE_ORIGIN'])
    expect(faultsOf({ ...production, [variable]: undefined }).join()).toContain(variable);
  const { GATEWAY_DATABASE_URL: _without, ...embedded } = production;
  expect(faultsOf(embedded).join()).toContain('GATEWAY_DATABASE_URL must be set in production: the embedded database');
  expect(faultsOf({ NODE_ENV: 'production' }).length).toBeGreaterThan(10);
  expect(faultsOf({ NODE_ENV: 'production', GATEWAY_ENVIRONMENT: 'test' }).length).toBeGreaterThan(10);
});

test('private keys that others can read are refused everywhere, what is made for development in production', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-files-'));
  const file = (name: string) => path.join(folder, name);
  const certificate = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const make = (name: string, subject: string) =>
    execFileSync(
      'openssl',
      [...certificate, '-subj', subject, '-keyout', file(`${name}-key.pem`), '-out', file(`${name}.pem`)],
      { stdio: 'ignore' },
    );
  try {
    make('bank', '/CN=Bank CA');
    make('trial', '/O=Development only/CN=Trial CA');
    await copyFile(file('bank-key.pem'), file('confirmations-20260101T000000Z-development.pem'));
    await writeFile(file('certificates-20250101T000000Z.pem'), '-----BEGIN PUBLIC KEY-----\n', { mode: 0o644 });
    for (const name of ['bank-key.pem', 'trial-key.pem', 'confirmations-20260101T000000Z-development.pem'])
      await chmod(file(name), 0o600);
    const config = {
      keyFolder: folder,
      tlsCertificateFile: file('bank.pem'),
      tlsKeyFile: file('bank-key.pem'),
      clientAuthoritiesFile: file('trial.pem'),
    };
    await expect(requireSafeFiles(config, false)).resolves.toBeUndefined();
    const refused = await requireSafeFiles(config, true).catch((error: Error) => error.message);
    expect(refused).toContain('confirmations-20260101T000000Z-development.pem is a development key');
    expect(refused).toContain('trial.pem holds a certificate of the development authority');
    expect(refused).not.toContain('bank.pem');
    await mkdir(file('receivers'));
    await copyFile(file('trial.pem'), file('receivers/CNAS.pem'));
    const bank = { ...config, clientAuthoritiesFile: file('bank.pem'), keyFolder: file('receivers') };
    for (const presented of ['signInAuthoritiesFile', 'webhookCertificateFile'])
      await expect(requireSafeFiles({ ...bank, [presented]: file('trial.pem') }, true)).rejects.toThrow(
        'trial.pem holds a certificate of the development authority',
      );
    await expect(requireSafeFiles({ ...bank, webhookCertificateFolder: file('receivers') }, true)).rejects.toThrow(
      'CNAS.pem holds a certificate of the development authority',
    );
    await writeFile(file('sign-in-secret'), 'a secret of the sign-in\n', { mode: 0o640 });
    await expect(
      requireSafeFiles({ ...config, signInClientSecretFile: file('sign-in-secret') }, false),
    ).rejects.toThrow('sign-in-secret is readable by group or others');
    await copyFile(file('bank-key.pem'), file('receivers/CNAS-key.pem'));
    await chmod(file('receivers/CNAS-key.pem'), 0o640);
    await expect(requireSafeFiles({ ...config, webhookCertificateFolder: file('receivers') }, false)).rejects.toThrow(
      'CNAS-key.pem is readable by group or others',
    );
    await chmod(file('bank-key.pem'), 0o640);
    await expect(requireSafeFiles(config, false)).rejects.toThrow('bank-key.pem is readable by group or others');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the README's table of settings is the one that the gateway checks by", async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  // Printed by: node -e "import('./src/settings-table.ts').then((made) => console.log(made.settingsTable()))"
  expect(readme).toContain(`\n\n${settingsTable()}\n\n`);
});

test('the page of time limits shows the ones that start-up checks', async () => {
  const page = await readFile(new URL('../docs/TIME-LIMITS.md', import.meta.url), 'utf8');
  // Printed by: node -e "import('./src/settings-limits-table.ts').then((made) => console.log(made.timeLimitsTable()))"
  expect(page).toContain(`\n\n${timeLimitsTable()}\n\n`);
  expect(page).toContain(`\n\n${debitTimesTable()}\n\n`);
  const questions = [0, 1, 2, 3, 4, 5, 6, 7].map(secondsBeforeQuestion);
  expect(questions).toEqual([1, 2, 4, 8, 15, 30, 60, 60]);
  expect(page).toContain('come 1, 2, 4, 8, 15, 30 and then every 60 seconds');
});

test('the bus needs its address, its files and what its bank promises; the ledger needs none of it, and the bus no ledger', () => {
  const bus = {
    GATEWAY_CORE_BANKING: 'iso20022',
    GATEWAY_BUS_ORIGIN: 'https://bus.bank.dz:9443',
    GATEWAY_BUS_AUTHORITIES_FILE: '/etc/gateway/bus-ca.pem',
    GATEWAY_BUS_CERTIFICATE_FILE: '/etc/gateway/bus.pem',
    GATEWAY_BUS_KEY_FILE: '/etc/gateway/bus-key.pem',
    GATEWAY_BUS_MEMORY: '86400',
    GATEWAY_BUS_KEEPS_REFUSALS: 'no',
    GATEWAY_BUS_HONOURS_NOT_AFTER: 'yes',
    GATEWAY_BUS_CAN_VOID: 'yes',
  };
  const { GATEWAY_LEDGER_DATABASE_URL: _ledger, ...withoutLedger } = production;
  expect(readConfig({ ...withoutLedger, ...bus })).toMatchObject({ coreBanking: 'iso20022', busMemory: '86400' });
  expect(faultsOf(withoutLedger).join()).toContain('GATEWAY_LEDGER_DATABASE_URL');
  for (const variable of Object.keys(bus).slice(1))
    expect(faultsOf(without(variable, { ...production, ...bus }))).toContain(
      `GATEWAY_CORE_BANKING=iso20022 needs ${variable} beside it`,
    );
  expect(faultsOf({ ...bus, GATEWAY_BUS_ORIGIN: 'http://bus.bank.dz' }).join()).toContain('GATEWAY_BUS_ORIGIN');
  expect(faultsOf({ ...bus, GATEWAY_BUS_VERSIONS_READ: 'pacs.002.001.10' }).join()).toContain(
    'camt.053 among those read',
  );
  expect(faultsOf({ ...bus, GATEWAY_BUS_VERSIONS_WRITTEN: 'pacs.003' }).join()).toContain(
    'GATEWAY_BUS_VERSIONS_WRITTEN',
  );
});

const without = (variable: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name !== variable));
