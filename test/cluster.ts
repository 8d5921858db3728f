import { mkdtemp, readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { openEmbeddedServer } from '../src/database/embedded.ts';
import { asAdministrator, type Cluster, prepareDatabase } from '../src/database/roles.ts';
import { secretIn } from './canary.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: Cluster;
    postgresLog: string;
  }
}

/** One cluster for all tests, with a migrated template that each test's own database is copied from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(await roomyFolder(), 'gateway-tests-'));
  const server = await openEmbeddedServer({ folder, durable: false, temporary: true });
  try {
    await prepareDatabase(server.cluster, 'template_gateway');
    await asAdministrator(server.cluster, 'postgres', (admin) =>
      admin.query('alter database template_gateway is_template true'),
    );
  } catch (fault) {
    await server[Symbol.asyncDispose]();
    throw fault;
  }
  project.provide('cluster', server.cluster);
  project.provide('postgresLog', server.logFile);
  return async () => {
    const written = await readFile(server.logFile, 'utf8');
    await server[Symbol.asyncDispose]();
    // After the whole suite: PostgreSQL's own log holds nothing of anybody either.
    const secret = await secretIn(written);
    if (secret !== undefined) throw new Error(`PostgreSQL's log holds ${secret}`);
  };
}

const gibibyte = 2 ** 30;

/**
 * In memory where there is room for it: each test copies the template, a thousand small files, which a disk's file system
 * takes half a second for.
 */
async function roomyFolder(): Promise<string> {
  const memory = '/dev/shm';
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > 4 * gibibyte && os.freemem() > 6 * gibibyte ? memory : os.tmpdir();
}
