import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own for PostgreSQL, small enough to be filled: a tmpfs, which only root may mount. */
export type Disk = AsyncDisposable & {
  folder: string;
  /** Leaves no room on it, until it is emptied again. */
  fill: () => Promise<void>;
  makeRoom: () => Promise<void>;
  /** False where it is an ordinary folder, which nobody may fill. */
  canBeFilled: boolean;
};

export async function openDisk(megabytes: number): Promise<Disk> {
  const mount = await mkdtemp(path.join(os.tmpdir(), 'gateway-faults-disk-'));
  const canBeFilled = await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', mount]).then(
    () => true,
    () => false,
  );
  const ballast = path.join(mount, 'ballast');
  return {
    folder: path.join(mount, 'postgres'),
    canBeFilled,
    async fill() {
      const file = await open(ballast, 'a');
      try {
        const block = Buffer.alloc(1 << 20);
        // What is freed meanwhile is taken too, to the last page.
        for (let room = true; room; ) room = await file.write(block).then(({ bytesWritten }) => bytesWritten > 0, full);
        for (let room = true; room; ) room = await file.write(block, 0, 4096).then(() => true, full);
      } finally {
        await file.close();
      }
      const { bavail } = await statfs(mount);
      if (bavail > 16) throw new Error(`the disk still has ${bavail} blocks`);
    },
    makeRoom: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      if (canBeFilled) await run('umount', ['--lazy', mount]);
      await rm(mount, { recursive: true, force: true });
    },
  };
}

function full(fault: unknown): false {
  if (fault instanceof Error && 'code' in fault && fault.code === 'ENOSPC') return false;
  throw fault;
}
