import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openCursors } from '../src/contract/cursor.ts';
import { sharedSecret } from '../src/database/shared-secrets.sql.ts';
import { readPrivateKey } from '../src/signing/private-key.ts';
import { signRequest } from '../src/signing/sign-request.ts';
import { cnas, must } from './bank.ts';
import { freshDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { brokenInDatabase } from './kill/invariants.ts';
import { issuer, type KillBank, openKillBank } from './kill/kill-bank.ts';
import { type GatewayProcess, startGateway } from './kill/process.ts';

test('replicas that start at once share one secret, and a cursor of one opens at another', async () => {
  await using db = await freshDatabase();
  const secrets = await Promise.all(Array.from({ length: 5 }, () => sharedSecret(db.gateway, 'api-cursors')));
  expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
  expect(await sharedSecret(db.gateway, 'back-office-cursors')).not.toEqual(secrets[0]);
  const [one, other] = secrets.map((secret) => openCursors(secret));
  expect(other?.open('CNAS', 'debits', must(one).seal('CNAS', 'debits', 'last'))).toBe('last');
});

test.runIf(process.platform === 'linux')(
  'three replicas on one port are replaced one by one under a steady flow: each debit gets its answer and settles once',
  { timeout: 180_000 },
  async () => {
    await using bank = await openKillBank();
    const ports = { api: await freePort(), public: await freePort() };
    const environment = {
      ...bank.environment,
      GATEWAY_SHARE_PORTS: 'true',
      GATEWAY_API_PORT: String(ports.api),
      GATEWAY_PUBLIC_PORT: String(ports.public),
      GATEWAY_LINGER_SECONDS: '1',
    };
    await using open = new AsyncDisposableStack();
    const start = async (): Promise<GatewayProcess> => {
      const replica = open.use(startGateway({ ...bank, environment }));
      must(await replica.ready);
      return replica;
    };
    const replicas = await Promise.all([start(), start(), start()]);
    const flow = startFlow(bank, `https://localhost:${ports.api}`, 8);
    for (const old of replicas) {
      await flow.answered(100);
      old.signal('SIGTERM');
      expect(await old.ended).toBe('0');
      await start();
    }
    await flow.answered(100);
    const { statuses, lost } = await flow.end();

    expect(lost).toEqual([]);
    // 202: on a slow machine a debit may take longer than its answer waits.
    const { 201: settled = 0, 202: later = 0, ...others } = statuses;
    expect(others).toEqual({});
    const moved = async () => {
      const { rows } = await bank.database.query<{ state: string; count: number }>({
        text: `select state, count(*)::integer as count from debits join ledger.bookings on reference = core_reference
                where outcome = 'MOVED' group by state`,
      });
      return rows;
    };
    await expect.poll(moved).toEqual([{ state: 'SETTLED', count: settled + later }]);
    expect(await brokenInDatabase(bank)).toEqual([]);
  },
);

type Flow = {
  /** When so many more have been answered. */
  answered: (more: number) => Promise<void>;
  end: () => Promise<{ statuses: Record<number, number>; lost: readonly string[] }>;
};

/** Clients as anyone would write them: each on its one kept connection, one signed debit after the other. */
function startFlow(bank: KillBank, origin: string, clients: number): Flow {
  const statuses: Record<number, number> = {};
  const lost: string[] = [];
  const { mandateId, employerNumber } = must(bank.mandates[0]);
  let number = 0;
  let count = 0;
  let open = true;
  const ask = openAsking(bank.certificates, origin);
  const running = Array.from({ length: clients }, async () => {
    const agent = ask.agent();
    while (open) {
      number += 1;
      const name = `REPLACED-${number}`;
      const status = await ask.put(agent, `/v1/debits/${name}`, {
        ...{ mandateId, employerNumber, amount: '1.00', currency: 'DZD' },
        declaration: { reference: name, declaredAmount: '1.00' },
      });
      count += 1;
      if (typeof status === 'number') statuses[status] = (statuses[status] ?? 0) + 1;
      else lost.push(`${name}: ${status}`);
    }
    agent.destroy();
  });
  return {
    async answered(more) {
      const goal = count + more;
      while (count < goal) await pause(10);
    },
    async end() {
      open = false;
      await Promise.all(running);
      return { statuses, lost };
    },
  };
}

function openAsking(certificates: string, origin: string) {
  const file = (name: string) => readFileSync(path.join(certificates, name));
  const key = readPrivateKey(file('cnas-signing-key.pem').toString());
  if ('outcome' in key && key.outcome === 'REFUSED') throw new Error(key.detail);
  const askOnce = (agent: Agent, target: string, body: Buffer, signature: string) =>
    new Promise<{ status: number } | { fault: string; sent: boolean }>((resolve) => {
      let sent = false;
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': String(body.length),
        'Request-Signature': signature,
      };
      const asked = request(new URL(target, origin), { method: 'PUT', agent, headers }, (response) => {
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode ?? 0 }));
      });
      // Until its handshake has ended nothing of a request leaves on a connection.
      asked.once('socket', (socket) => {
        if (asked.reusedSocket) sent = true;
        else
          socket.once('secureConnect', () => {
            sent = true;
          });
      });
      asked.once('error', ({ message }) => resolve({ fault: message, sent }));
      asked.end(body);
    });
  return {
    agent: () =>
      new Agent({
        keepAlive: true,
        maxSockets: 1,
        ca: file('ca.pem'),
        cert: file('cnas.pem'),
        key: file('cnas-key.pem'),
      }),
    /** The answer's status. Where the connection was closed before a byte of it was sent, once more on a new one. */
    async put(agent: Agent, target: string, content: object): Promise<number | string> {
      const body = Buffer.from(JSON.stringify(content));
      const signature = await signRequest({
        ...{ key, creditorCode: cnas, issuer, publicOrigin: origin, method: 'PUT', target, body, now: new Date() },
      });
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await askOnce(agent, target, body, signature);
        if ('status' in outcome) return outcome.status;
        if (outcome.sent || attempt === 2) return outcome.fault;
      }
    },
  };
}
