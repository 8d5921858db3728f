import path from 'node:path';
import { developmentCertificates } from '../../src/config.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { busSettings } from '../bus-settings.ts';
import { type CoreBank, openCoreBank } from '../faults/core-bank.ts';
import { freePort } from '../free-port.ts';

/** The bank's bus as a process of its own, over the ledger that the gateway would have: what is prepared there is here. */
export type Bus = {
  /** What the gateway is told of it, before it is there. */
  settings: Readonly<Record<string, string>>;
  open: (databases: { owner: Queryable; ledgerOwnerUrl: string }) => Promise<CoreBank>;
};

export async function planBus(folder: string): Promise<Bus> {
  const port = await freePort();
  return {
    settings: busSettings(`https://localhost:${port}`, developmentCertificates),
    async open({ owner, ledgerOwnerUrl }) {
      // Its messages have a schema of their own.
      await owner.query({
        text: `do $$ begin execute format('grant create on database %I to ledger_owner', current_database()); end $$`,
      });
      return openCoreBank({
        ...{ folder, certificates: developmentCertificates, seed: 'due dates', logFile: path.join(folder, 'bus.log') },
        flags: ['--port', String(port), '--database-url', ledgerOwnerUrl, '--host', 'localhost'],
      });
    },
  };
}
