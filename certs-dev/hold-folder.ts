import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Holds the folder for this program: others that make certificates wait. One that was killed holds it no longer. */
export async function holdFolder(folder: string): Promise<AsyncDisposable> {
  const file = path.join(folder, '.held');
  for (let attempt = 0; attempt < 600; attempt += 1) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    // Zero: just made, not yet written, or just given up.
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    else await pause(50);
  }
  throw new Error(`another program has held ${folder} for 30 s: remove ${file} if there is none`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
