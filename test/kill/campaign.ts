import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Creditors, openCreditors } from './creditors.ts';
import { brokenInDatabase } from './invariants.ts';
import { type KillBank, openKillBank } from './kill-bank.ts';
import { type Load, startLoad } from './load.ts';
import { debitPoints, type KillPoint, killPoints, reversalPoints } from './points.ts';
import { type GatewayProcess, startGateway } from './process.ts';
import { type Random, randomFrom } from './random.ts';
import { brokenOverApi } from './told.ts';

export type CampaignSettings = {
  seed: number;
  kills: number;
  workers?: number;
  onKill?: (kill: number, by: string) => void;
  /** Kills no more once it is aborted; what was begun is brought to its end all the same. */
  stop?: AbortSignal;
};

export type CampaignReport = {
  seed: number;
  kills: number;
  killsByPoint: Record<string, number>;
  debits: Record<string, number>;
  reasons: Record<string, number>;
  orders: number;
  attempts: number;
  retries: number;
  unanswered: number;
  answersByStatus: Record<string, number>;
  /** Debits that recovery has taken up at least once. */
  recovered: number;
  /** Reversals by their state, and how many of them recovery has taken up. */
  reversals: Record<string, number>;
  reversalsRecovered: number;
  durationSeconds: number;
  violations: string[];
};

/** `starting`: before it is ready. `random`: at any moment after. The others exactly there. */
const ways = [
  ...[...debitPoints.slice(0, 4), ...reversalPoints.slice(0, 3), 'random' as const],
  ...[...debitPoints.slice(4), ...reversalPoints.slice(3), 'random' as const, 'starting' as const],
] as const;
type Way = KillPoint | 'random' | 'starting';

/**
 * Kills gateway processes under load, one after the other, lets the last one finish, and looks at every invariant.
 * Whatever it finds is in `violations`; it leaves no process and no file behind.
 */
export async function killCampaign({
  seed,
  kills,
  workers = 16,
  onKill,
  stop,
}: CampaignSettings): Promise<CampaignReport> {
  const begun = performance.now();
  const random = randomFrom(seed);
  await using bank = await openKillBank();
  using creditors = openCreditors(bank);
  using load = startLoad({
    creditors,
    mandates: bank.mandates,
    random: randomFrom(seed + 1),
    workers,
    givesBack: true,
  });
  const killsByPoint: Record<string, number> = {};
  const violations: string[] = [];
  for (let kill = 1; kill <= kills && stop?.aborted !== true; kill += 1) {
    const way = ways[(kill - 1) % ways.length] ?? 'random';
    const { by, breaches } = await killOne(bank, creditors, random, way);
    killsByPoint[by] = (killsByPoint[by] ?? 0) + 1;
    violations.push(...breaches);
    onKill?.(kill, by);
  }
  violations.push(...(await lastProcess(bank, creditors, load)), ...load.faults);
  return {
    ...(await figures(bank)),
    ...countsOf(load),
    seed,
    kills: Object.values(killsByPoint).reduce((sum, count) => sum + count, 0),
    killsByPoint,
    violations: violations.length === 0 ? [] : [...violations, ...(await lastOfLog(bank))],
    durationSeconds: Math.round((performance.now() - begun) / 1000),
  };
}

/** How long a process may take to come to a point: past it, it is killed where it is. */
const reachSeconds = 30;

async function killOne(
  bank: KillBank,
  creditors: Creditors,
  random: Random,
  way: Way,
): Promise<{ by: string; breaches: string[] }> {
  const named = killPoints.find((point) => point === way);
  // What only recovery does comes once or twice after a start; the rest happens all the time.
  const pass = named === undefined || /inquiry|after-claim/.test(named) ? 1 : random.between(1, mostPasses(named));
  await using gateway = startGateway({ ...bank, cut: named && { at: named, pass } });
  if (way === 'starting') {
    await pause(random.between(50, 900));
    gateway.signal('SIGKILL');
  } else {
    const origins = await gateway.ready;
    if (origins !== undefined) creditors.reach(origins.api);
    const wait = new AbortController();
    const late = pause(named === undefined ? random.between(0, 1500) : reachSeconds * 1000, undefined, wait).catch(
      () => undefined,
    );
    await Promise.race([gateway.ended, late]);
    wait.abort();
    gateway.signal('SIGKILL');
  }
  const how = await gateway.ended;
  const reached = named !== undefined && gateway.lines.includes(`reached ${named}`);
  return {
    by: reached ? named : way === 'starting' ? way : 'random',
    breaches: [...breachesOf(gateway), ...(how === 'SIGKILL' ? [] : [`a gateway ended by itself: ${how}`])],
  };
}

/** Reversals are a small share of what is asked. */
const mostPasses = (point: KillPoint): number => (reversalPoints.some((known) => known === point) ? 3 : 15);

/** The last process is left alone: by itself it must bring every debit to its end, and then stop in order. */
async function lastProcess(bank: KillBank, creditors: Creditors, load: Load): Promise<string[]> {
  await using gateway = startGateway(bank);
  const origins = await gateway.ready;
  if (origins === undefined) return ['the last gateway did not start'];
  creditors.reach(origins.api);
  await load.finish();
  const open = await untilFinal(bank);
  const found = [
    ...(open === 0 ? [] : [`${open} debits and reversals had no end after ${finalSeconds} s`]),
    ...(await brokenInDatabase(bank)),
    ...(await brokenOverApi({ bank, creditors, publicOrigin: origins.public }, load.told)),
  ];
  gateway.signal('SIGTERM');
  const how = await gateway.ended;
  return [...found, ...breachesOf(gateway), ...(how === '0' ? [] : [`the orderly stop ended with ${how}`])];
}

const breachesOf = ({ lines }: GatewayProcess): string[] => lines.filter((line) => line.startsWith('breach '));

const finalSeconds = 60;

/** Waits until every debit and reversal has ended and every cancelled name is closed; answers how many have not in time. */
export async function untilFinal({ database }: Pick<KillBank, 'database'>): Promise<number> {
  for (const until = Date.now() + finalSeconds * 1000; ; await pause(100)) {
    const { rows } = await database.query<{ open: string }>(
      `select (select count(*) from debits where state in ('ACCEPTED', 'EXECUTING', 'IN_DOUBT') or void_due)
            + (select count(*) from reversals where state in ('REQUESTED', 'EXECUTING', 'IN_DOUBT')) as open`,
    );
    const open = Number(rows[0]?.open);
    if (open === 0 || Date.now() > until) return open;
  }
}

/** What the gateways wrote last, where something is to be explained. It holds no values (operations/log.ts). */
async function lastOfLog({ logFile }: KillBank): Promise<string[]> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  return lines.slice(-20).map((line) => `log: ${line}`);
}

const countsOf = ({ counts: { byStatus, ...counts } }: Load) => ({ ...counts, answersByStatus: byStatus });

async function figures({ database }: Pick<KillBank, 'database'>) {
  const counted = async (sql: string): Promise<Record<string, number>> => {
    const { rows } = await database.query<{ what: string; count: string }>(sql);
    return Object.fromEntries(rows.map(({ what, count }) => [what, Number(count)]));
  };
  const { recovered = 0 } = await counted(`select 'recovered' as what, count(*) from debits where questions > 0`);
  const { taken = 0 } = await counted(`select 'taken' as what, count(*) from reversals where questions > 0`);
  return {
    reversals: await counted('select state as what, count(*) from reversals group by state order by state'),
    reversalsRecovered: taken,
    debits: await counted('select state as what, count(*) from debits group by state order by state'),
    reasons: await counted(
      'select reason as what, count(*) from debits where reason is not null group by reason order by reason',
    ),
    recovered,
  };
}
