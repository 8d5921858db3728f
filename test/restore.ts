import { execFile } from 'node:child_process';
import { chown, cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { administratorUrl, type Cluster } from '../src/database/roles.ts';

/** A copy of a database server's data that was taken while it worked. */
export type Backup = { folder: string };

/**
 * Backs a running server up as PostgreSQL's manual describes for its low-level API (25.3.4): begins, copies the data
 * while others write, ends, and puts the label and the log since then beside the copy.
 */
export async function takeBackup(cluster: Cluster, serverFolder: string, into: string): Promise<Backup> {
  const client = new pg.Client({ connectionString: administratorUrl(cluster) });
  await client.connect();
  try {
    await client.query("select pg_backup_start('test', fast => true)");
    const source = path.join(serverFolder, 'data');
    const data = path.join(into, 'data');
    await copyLive(source, data);
    const { rows } = await client.query<{ label: string; lsn: string }>(
      'select labelfile as label, lsn::text from pg_backup_stop(wait_for_archive => false)',
    );
    await client.query('select pg_switch_wal()');
    // All of the log again, since what the backup needs was written until it ended.
    await copyLive(path.join(source, 'pg_wal'), path.join(data, 'pg_wal'));
    await rm(path.join(data, 'postmaster.pid'), { force: true });
    await writeFile(path.join(data, 'backup_label'), rows[0]?.label ?? '', { mode: 0o600 });
    // A recovery to the backup's own end, and from there a history of its own.
    await writeFile(path.join(data, 'recovery.signal'), '', { mode: 0o600 });
    await writeFile(
      path.join(data, 'postgresql.auto.conf'),
      "restore_command = 'false'\nrecovery_target = 'immediate'\nrecovery_target_action = 'promote'\n",
      { mode: 0o600 },
    );
    const { uid, gid } = await stat(source);
    for (const name of ['backup_label', 'recovery.signal', 'postgresql.auto.conf'])
      await chown(path.join(data, name), uid, gid);
    await cp(path.join(serverFolder, 'password'), path.join(into, 'password'));
    return { folder: into };
  } finally {
    await client.end();
  }
}

/** Copies what is there; files may come and go meanwhile, which the log makes good. */
async function copyLive(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await new Promise<void>((done, failed) => {
    execFile('cp', ['-a', '-f', `${source}/.`, target], (fault, _out, said) => {
      // "No such file": it was removed while it was copied.
      const other = said.split('\n').filter((line) => line !== '' && !/No such file|vanished/.test(line));
      if (fault !== null && other.length > 0) failed(new Error(other[0]));
      else done();
    });
  });
}
