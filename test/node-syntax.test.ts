import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';

test('Node takes every program as it is written: nothing in it needs more than its types stripped', () => {
  const files = execFileSync('git', ['ls-files', 'src/*.ts', 'certs-dev/*.ts', 'test/*.ts'])
    .toString()
    .trim()
    .split('\n');
  expect(files.length).toBeGreaterThan(400);
  const refused = files.filter((file) => {
    try {
      stripTypeScriptTypes(readFileSync(file, 'utf8'));
      return false;
    } catch {
      return true;
    }
  });
  expect(refused).toEqual([]);
});
