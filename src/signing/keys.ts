import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type PrivateKey, readPrivateKey } from './private-key.ts';
import { type AdmittedKey, admitPem, type VerificationKey } from './public-key.ts';

/**
 * What a key of the gateway's is for. Confirmations are everything that is signed about a debit or a verification,
 * webhooks every event, pushed or read.
 */
export const keyUses = ['certificates', 'confirmations', 'webhooks'] as const;
export type KeyUse = (typeof keyUses)[number];

/** One key of the key folder. */
export type GatewayKey = {
  use: KeyUse;
  kid: string;
  /** From then on it is the one of its use that signs, until the next one's time has come. It verifies for ever. */
  from: Date;
  until: Date | undefined;
  /** Made by `makeDevelopmentKeys`: refused in production. */
  development: boolean;
  public: AdmittedKey;
  /** Undefined for an old key of which only the public half was kept. */
  private: PrivateKey | undefined;
};

/** The key set as the public door shows it: RFC 7517, with three members more. */
export type PublicKeySet = {
  keys: (JsonWebKey & {
    kid: string;
    alg: string;
    use: 'sig';
    /** What it signs: certificates, confirmations, webhooks. */
    purpose: KeyUse;
    /** Signed from that instant until that one; a key without `signsUntil` has no successor yet. */
    signsFrom: string;
    signsUntil?: string;
  })[];
};

const fileName = /^([a-z-]+)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z(-development)?\.pem$/;

/**
 * Reads the key folder: files `USE-YYYYMMDDTHHMMSSZ.pem`, the instant (UTC) being when the key begins to sign. A private
 * key (PKCS#8, EC P-256) signs and verifies; an old one may be replaced by its public half under the same name.
 * To rotate, add a file whose time is to come. Throws one error that lists every fault.
 */
export async function readKeyFolder(folder: string): Promise<GatewayKey[]> {
  // Names with a dot before them are the orchestrator's own (a mounted secret has ..data).
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  const read = await Promise.all(names.map((name) => readKey(folder, name)));
  const keys = read.filter((key) => typeof key !== 'string');
  const faults = read.filter((key) => typeof key === 'string');
  const twice = keys.filter((key) => keys.some((other) => other !== key && beginsWith(other, key)));
  faults.push(...twice.map(({ use, from }) => `two keys for ${use} begin at ${from.toISOString()}`));
  if (faults.length > 0) throw new Error(`key folder ${folder}: ${[...new Set(faults)].join('; ')}`);
  return keys.map((key) => ({ ...key, until: successorOf(key, keys)?.from }));
}

/** The key that signs for this use at that time: the latest one whose time has come. */
export function signingKeyOf(keys: readonly GatewayKey[], use: KeyUse, now: Date): PrivateKey | undefined {
  const begun = keys.filter((key) => key.use === use && key.from <= now);
  return begun.toSorted((one, other) => other.from.getTime() - one.from.getTime())[0]?.private;
}

/** Until when a use has keys that are not too old: of its latest key, which may be yet to begin. */
export type ServiceEnd = { use: KeyUse; until: Date };

/**
 * When each use needs a key more: `days` after its latest one begins. That one goes on signing all the same, since a use
 * without a key would stop everything: people are warned before.
 */
export function serviceEnds(keys: readonly GatewayKey[], days: number): ServiceEnd[] {
  return keyUses.flatMap((use) => {
    const begins = keys.filter((key) => key.use === use).map(({ from }) => from.getTime());
    return begins.length === 0 ? [] : [{ use, until: new Date(Math.max(...begins) + days * 86_400_000) }];
  });
}

/** Looks a `kid` up among our own keys of one use: what a token of that use is verified with, however old. */
export function verificationKeysOf(
  keys: readonly GatewayKey[],
  use: KeyUse,
): (kid: string) => VerificationKey | undefined {
  const known = new Map(keys.filter((key) => key.use === use).map((key) => [key.kid, key.public.verification]));
  return (kid) => known.get(kid);
}

/** What `/.well-known/jwks.json` answers: every key, also those before and those whose time is still to come. */
export function publicKeySet(keys: readonly GatewayKey[]): PublicKeySet {
  return {
    keys: keys.map(({ use, kid, from, until, public: { jwk, verification } }) => ({
      ...jwk,
      kid,
      alg: verification.algorithm,
      use: 'sig',
      purpose: use,
      signsFrom: from.toISOString(),
      ...(until === undefined ? {} : { signsUntil: until.toISOString() }),
    })),
  };
}

/** Makes one development key for each use that has none in the folder. Their names say it, so production refuses them. */
export async function makeDevelopmentKeys(folder: string, now: Date): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  const missing = keyUses.filter((use) => !names.some((name) => fileName.exec(name)?.[1] === use));
  const instant = now.toISOString().replace(/[-:]|\.\d+/g, '');
  for (const use of missing) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(path.join(folder, `${use}-${instant}-development.pem`), pem, { mode: 0o600, flag: 'wx' });
  }
}

type FolderKey = Omit<GatewayKey, 'until'>;

/** The key, or what is wrong with its file. */
async function readKey(folder: string, name: string): Promise<FolderKey | string> {
  const [, useText, year, month, day, hour, minute, second, development] = fileName.exec(name) ?? [];
  const use = keyUses.find((known) => known === useText);
  const from = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (use === undefined || Number.isNaN(from.getTime()))
    return `${name}: not named USE-YYYYMMDDTHHMMSSZ.pem with USE one of ${keyUses.join(', ')}`;
  const file = path.join(folder, name);
  const pem = await readFile(file, 'utf8');
  const about = { use, from, development: development !== undefined };
  if (pem.startsWith('-----BEGIN PUBLIC KEY-----')) {
    const admission = admitPem(pem);
    if (admission.outcome === 'REFUSED') return `${name}: ${admission.detail}`;
    return { ...about, kid: admission.verification.kid, public: admission, private: undefined };
  }
  if (await isReadableByOthers(file)) return `${name}: readable by group or others (chmod 600)`;
  const key = readPrivateKey(pem);
  if (key.outcome === 'REFUSED') return `${name}: ${key.detail}`;
  return { ...about, kid: key.kid, public: key, private: key };
}

async function isReadableByOthers(file: string): Promise<boolean> {
  // Windows has no such bits: Node makes them up.
  return process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0;
}

const beginsWith = (one: FolderKey, other: FolderKey): boolean =>
  one.use === other.use && one.from.getTime() === other.from.getTime();

const successorOf = (key: FolderKey, keys: readonly FolderKey[]): FolderKey | undefined =>
  keys
    .filter(({ use, from }) => use === key.use && from > key.from)
    .toSorted((one, other) => one.from.getTime() - other.from.getTime())[0];
