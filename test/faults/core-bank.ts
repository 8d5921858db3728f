import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AccountToOpen, BookRow } from '../../src/core-bank-simulator/administration.ts';
import type { Rule } from '../../src/core-bank-simulator/behaviour.ts';
import { compiled } from '../kill/process.ts';

/** The core banking bus, a process and a database of its own. */
export type CoreBank = AsyncDisposable & {
  busUrl: string;
  openAccounts: (accounts: readonly AccountToOpen[]) => Promise<void>;
  setStatus: (rib: string, status: 'OPEN' | 'BLOCKED' | 'CLOSED') => Promise<void>;
  tell: (name: string, rule: Rule) => Promise<void>;
  /** Forgets what it was told; answers how often each rule was played, by its name. */
  behave: () => Promise<Map<string, number>>;
  /** Whether each thing that it was told was played once at least. */
  hasPlayedEach: () => Promise<boolean>;
  /** How often it has played what it was told, and messages that it refused as wrong. */
  counts: () => Promise<{ played: Record<string, number>; refused: number; failed: number }>;
  books: () => Promise<BookRow[]>;
  imbalances: () => Promise<string[]>;
};

/** `flags`: more of the program's own (`npm run core-bank-simulator -- --help`), which stand before these. */
export async function openCoreBank(parts: {
  folder: string;
  certificates: string;
  seed: string;
  logFile: string;
  flags?: readonly string[];
}): Promise<CoreBank> {
  const log = openSync(parts.logFile, 'a');
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../../src/commands/core-bank-simulator.ts', import.meta.url)),
      ...['--port', '0', '--admin-port', '0', '--temporary', '--data-folder', parts.folder],
      ...['--certificates', parts.certificates, '--seed', parts.seed, '--no-sample-accounts'],
      ...(parts.flags ?? []),
    ],
    { env: { ...process.env, NODE_COMPILE_CACHE: compiled }, stdio: ['ignore', 'pipe', log] },
  );
  if (child.stdout === null) throw new Error('it has no output');
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const told = once(lines, 'line').then(([line]) => String(line));
  const line = await Promise.race([told, ended.then(() => undefined)]);
  if (line === undefined) throw new Error(`the core bank did not start: ${parts.logFile}`);
  const { busUrl, adminUrl }: { busUrl: string; adminUrl: string } = JSON.parse(line);
  const ask = async (method: string, target: string, body?: object): Promise<Response> => {
    const response = await fetch(new URL(target, adminUrl), {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${await response.text()}`);
    return response;
  };
  const rulesNow = async () =>
    (await ask('GET', '/behaviours')).json() as Promise<{ name: string; rule: Rule; left: number | null }[]>;
  const bank: CoreBank = {
    busUrl,
    async openAccounts(accounts) {
      await ask('POST', '/accounts', accounts as object);
    },
    async setStatus(rib, status) {
      await ask('PUT', `/accounts/${rib}/status`, { status });
    },
    async tell(name, rule) {
      await ask('PUT', `/behaviours/${name}`, rule);
    },
    async hasPlayedEach() {
      return (await rulesNow()).every(({ rule, left }) => left !== rule.times);
    },
    async behave() {
      const rules = await rulesNow();
      await ask('DELETE', '/behaviours');
      return new Map(rules.map(({ name, rule, left }) => [name, (rule.times ?? 0) - (left ?? 0)]));
    },
    counts: async () => (await ask('GET', '/counts')).json() as ReturnType<CoreBank['counts']>,
    async books() {
      const text = await (await ask('GET', '/books')).text();
      return text
        .split('\n')
        .filter((row) => row !== '')
        .map((row): BookRow => JSON.parse(row));
    },
    imbalances: async () => (await ask('GET', '/imbalances')).json() as Promise<string[]>,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
  return bank;
}
