import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openBusClient } from '../../test/bus-client.ts';
import { accountMessage } from '../../test/bus-messages.ts';
import { developmentCreditors } from '../clients/development.ts';

test('started as a program it says where it is in one line, serves, and leaves nothing when it is told to stop', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'core-bank-'));
  // To be passed through by the account that the database server runs as.
  await chmod(folder, 0o711);
  const data = path.join(folder, 'data');
  const certificates = path.join(folder, 'certificates');
  const program = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('core-bank-simulator.ts', import.meta.url)),
      ...['--port', '0', '--temporary', '--data-folder', data, '--certificates', certificates],
    ],
    // One flag by the environment, as a password would be.
    { env: { PATH: process.env.PATH, CORE_BANK_SIMULATOR_ADMIN_PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(program, 'exit');
  try {
    const lines = createInterface({ input: program.stdout });
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    const { busUrl, adminUrl }: { busUrl: string; adminUrl: string } = JSON.parse(String(line));
    using client = await openBusClient(busUrl, certificates);
    const [creditor] = developmentCreditors;
    const { body } = await client.send(accountMessage(String(creditor?.collectionAccount)));
    expect(body.toString()).toContain('<Vrfctn>true</Vrfctn>');
    expect((await fetch(`${adminUrl}/imbalances`)).status).toBe(200);
  } finally {
    program.kill('SIGTERM');
    const [code] = await ended;
    expect(code).toBe(0);
    expect(await readdir(data)).toEqual([]);
    await rm(folder, { recursive: true });
  }
});
