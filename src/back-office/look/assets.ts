import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** `cache` is the Cache-Control that it is sent with: an address holds the hash of its content, so it never changes. */
export type Asset = { type: string; bytes: Buffer; cache: string };

const cache = 'public, max-age=31536000, immutable';
const packages = createRequire(import.meta.url);
const ours = (path: string): Buffer => readFileSync(join(import.meta.dirname, path));
const theirs = (path: string): Buffer => readFileSync(packages.resolve(path));

/** The back office's own scripts: each helps where it runs, and nothing needs it. A section adds its file here. */
const scriptFiles: Readonly<Record<string, string>> = {
  'look.js': 'look.js',
  'request-form.js': '../requests/request-form.js',
};

export const scripts: readonly string[] = Object.keys(scriptFiles);

const fontFiles = Object.fromEntries(
  [400, 500, 600].flatMap((weight) => [
    [`sans-latin-${weight}.woff2`, `@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-${weight}-normal.woff2`],
    [
      `sans-latin-ext-${weight}.woff2`,
      `@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-ext-${weight}-normal.woff2`,
    ],
    [
      `sans-arabic-${weight}.woff2`,
      `@fontsource/ibm-plex-sans-arabic/files/ibm-plex-sans-arabic-arabic-${weight}-normal.woff2`,
    ],
  ]),
);

const paths = new Map<string, string>();

/** Everything that the pages load, by its path. Read once: the stylesheet last, since it names the fonts' paths. */
export const assets: ReadonlyMap<string, Asset> = new Map([
  ...Object.entries(fontFiles).map(([name, file]) => asset(name, 'font/woff2', theirs(file))),
  ...Object.entries(scriptFiles).map(([name, file]) => asset(name, 'text/javascript; charset=utf-8', ours(file))),
  asset('icon.svg', 'image/svg+xml', ours('icon.svg')),
  asset('bootstrap.css', 'text/css; charset=utf-8', bootstrap('bootstrap.min.css')),
  asset('bootstrap.rtl.css', 'text/css; charset=utf-8', bootstrap('bootstrap.rtl.min.css')),
  asset('look.css', 'text/css; charset=utf-8', withFonts(ours('look.css'))),
]);

/** Where `name` is to be had. Throws for a name that there is not. */
export function assetPath(name: string): string {
  const path = paths.get(name);
  if (path === undefined) throw new Error(`no asset ${name}`);
  return path;
}

function asset(name: string, type: string, bytes: Buffer): [string, Asset] {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
  const dot = name.lastIndexOf('.');
  const path = `/assets/${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  paths.set(name, path);
  return [path, { type, bytes, cache }];
}

/** Without the address of its source map, which is not served. */
function bootstrap(name: string): Buffer {
  return Buffer.from(
    theirs(`bootstrap/dist/css/${name}`)
      .toString()
      .replace(/\/\*# sourceMappingURL=.*?\*\//, ''),
  );
}

/** `url(sans-latin-400.woff2)` becomes that font's path. */
function withFonts(css: Buffer): Buffer {
  return Buffer.from(
    css.toString().replace(/url\(([a-z0-9-]+\.woff2)\)/g, (_, name: string) => `url(${assetPath(name)})`),
  );
}
