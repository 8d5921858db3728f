import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { isBuiltin, stripTypeScriptTypes } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the image holds of the checkout, by .dockerignore: it leaves everything out, names some, and takes from these. */
async function imageRules(): Promise<{ named: string[]; holds: (file: string) => boolean }> {
  const lines = (await readFile(path.join(root, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => /^[^#]/.test(line));
  const named = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const without = lines.filter((line) => !line.startsWith('!') && line !== '**');
  return {
    named,
    holds: (file) =>
      named.some((name) => file === name || file.startsWith(`${name}/`)) &&
      !without.some((pattern) => path.matchesGlob(file, pattern)),
  };
}

/** The imports that are left when the types are gone, those of worker threads and of files of a package too. */
function importsOf(source: string): string[] {
  const code = stripTypeScriptTypes(source);
  const patterns = [
    /^(?:import|export)\s[\w\s{},*$]*?\bfrom '([^']+)'/gm,
    /^import '([^']+)'/gm,
    /\bimport\('([^']+)'\)/g,
    /\bnew URL\('(\.[^']+\.ts)', import\.meta\.url\)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].flatMap(([, name = '']) => name));
}

/** Every module that main.ts leads to, with the packages that each imports. */
async function productionModules(): Promise<Map<string, string[]>> {
  const packages = new Map<string, string[]>();
  const follow = async (file: string): Promise<void> => {
    if (packages.has(file)) return;
    packages.set(file, []);
    // Words are data: they lead nowhere.
    if (!file.endsWith('.ts')) return;
    const imports = importsOf(await readFile(path.join(root, file), 'utf8')).filter((name) => !isBuiltin(name));
    packages.set(file, imports.filter((name) => !name.startsWith('.')).map(packageOf));
    for (const name of imports.filter((one) => one.startsWith('.'))) await follow(path.join(path.dirname(file), name));
  };
  await follow('src/main.ts');
  return packages;
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

test('every module that production runs is in the image, and imports declared dependencies only', async () => {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  );
  const { holds } = await imageRules();
  const modules = await productionModules();
  expect(modules.size).toBeGreaterThan(50);
  expect([...modules.keys()].filter((file) => !holds(file))).toEqual([]);
  const undeclared = [...modules].flatMap(([file, packages]) =>
    packages.filter((name) => !Object.hasOwn(dependencies, name)).map((name) => `${file} imports ${name}`),
  );
  expect(undeclared).toEqual([]);
});

test('the image leaves out tests, development and whatever could be a secret', async () => {
  const { holds } = await imageRules();
  const left = [
    '.env',
    'certs-dev/out/ca.pem',
    'src/server-key.pem',
    'test/database.ts',
    'src/config.test.ts',
    'src/core-bank-simulator/open.ts',
    'src/core-bank-simulator/migrations/0001_simulator.sql',
    '.git/HEAD',
  ];
  expect([...left, 'src/commands/demo.ts', 'src/commands/development.ts'].filter(holds)).toEqual([]);
});

test('with the packages of production alone the program comes as far as its settings, and says what they lack', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'gateway-image-'));
  try {
    const { named, holds } = await imageRules();
    for (const name of named) {
      const keeps = (file: string) => path.extname(file) === '' || holds(path.relative(root, file));
      await cp(path.join(root, name), path.join(folder, name), { recursive: true, filter: keeps });
    }
    await linkPackages(folder);
    const { PATH } = process.env;
    const { status, stderr } = spawnSync(process.execPath, ['--preserve-symlinks', 'src/main.ts'], {
      ...{ cwd: folder, encoding: 'utf8', env: { PATH, NODE_ENV: 'production' } },
    });
    expect(stderr).toMatch(/^settings:\n {2}GATEWAY_DATABASE_URL must be set in production/);
    expect(status).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What `npm ci --omit=dev` installs, by the lock file, at its place. */
async function linkPackages(folder: string): Promise<void> {
  const { packages }: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    await readFile(path.join(root, 'package-lock.json'), 'utf8'),
  );
  const top = Object.entries(packages).filter(
    ([place, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(place) && dev !== true,
  );
  for (const [place] of top) {
    await mkdir(path.dirname(path.join(folder, place)), { recursive: true });
    // One for another platform is in the lock file and not on this disk: its link leads nowhere.
    await symlink(path.join(root, place), path.join(folder, place));
  }
}
