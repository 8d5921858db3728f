import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('..', import.meta.url));

test('no two statements share a name: on one connection the second would be refused', async () => {
  const files = (await readdir(source, { recursive: true })).filter((name) => name.endsWith('.sql.ts'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(source, name), 'utf8')));
  const names = texts.flatMap((text) => [...text.matchAll(/^\s+name: '([a-z-]+)',$/gm)].map(([, name]) => name));
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
});
