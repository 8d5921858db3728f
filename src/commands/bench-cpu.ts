import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';

/** CPU time that processes have used since they began, user and system, in milliseconds. */
export type CpuReading = { gateway: number; postgres: number; generator: number };

/** Reads the three at once. Undefined for the other processes where there is no /proc: only Linux tells. */
export type ReadCpu = () => Promise<Partial<CpuReading> & Pick<CpuReading, 'generator'>>;

/** `postmaster` is the server's first process: its children are counted with it, those too that have ended meanwhile. */
export function cpuReader(gateway: number, postmaster: number): ReadCpu {
  return async () => {
    const { user, system } = process.cpuUsage();
    const generator = (user + system) / 1000;
    const own = await statOf(gateway);
    const server = await statOf(postmaster);
    if (own === undefined || server === undefined) return { generator };
    const children = (await allStats()).filter(({ parent }) => parent === postmaster);
    const used = children.reduce((sum, child) => sum + child.used, server.used + server.usedByReaped);
    return { generator, gateway: own.used, postgres: used };
  };
}

/** What a list of pairs of readings, before and after, adds up to for each of `requests`; null where it can't be told. */
export function cpuARequest(
  pairs: readonly (readonly [Partial<CpuReading>, Partial<CpuReading>])[],
  whose: keyof CpuReading,
  requests: number,
): number | null {
  let sum = 0;
  for (const [before, after] of pairs) {
    const [from, to] = [before[whose], after[whose]];
    if (from === undefined || to === undefined) return null;
    sum += to - from;
  }
  return sum / requests;
}

/** Begins to watch what other programs than these three take of the cores; the answer is their share from then on. */
export async function watchOthers(readCpu: ReadCpu): Promise<() => Promise<number | undefined>> {
  const look = async () => ({ at: performance.now(), all: allCores(), own: await readCpu() });
  const before = await look();
  return async () => {
    const after = await look();
    const pair = [[before.own, after.own]] as const;
    const own = (['gateway', 'postgres', 'generator'] as const).map((whose) => cpuARequest(pair, whose, 1));
    if (own.includes(null)) return undefined;
    const others = own.reduce<number>((left, used) => left - (used ?? 0), after.all - before.all);
    return Math.max(0, others / ((after.at - before.at) * os.cpus().length));
  };
}

/** Milliseconds that all cores have worked since the machine began. */
const allCores = (): number =>
  os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);

type Stat = { parent: number; used: number; usedByReaped: number };

/** A tick of /proc is 10 ms (USER_HZ is 100) on every architecture that Node runs on. */
const tickMilliseconds = 10;

async function statOf(pid: number | string): Promise<Stat | undefined> {
  // Gone, or no Linux.
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in brackets, which may hold blanks and brackets itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  const ticks = (first: number, second: number) => (Number(fields[first]) + Number(fields[second])) * tickMilliseconds;
  // proc(5) counts from 1 and the name is its field 2: ppid 4, utime 14, stime 15, cutime 16, cstime 17.
  return { parent: Number(fields[1]), used: ticks(11, 12), usedByReaped: ticks(13, 14) };
}

async function allStats(): Promise<Stat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(statOf));
  return stats.filter((stat) => stat !== undefined);
}
