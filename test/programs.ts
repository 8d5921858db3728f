import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/**
 * `describe` for what needs a program that is not ours: skipped where it is missing, with a word on how to get it.
 * GATEWAY_TESTS_NO_SKIP=1, as CI sets it, makes a missing program a failure.
 */
export function describeIf(program: string, debianPackage: string): (name: string, tests: () => void) => void {
  if (isInstalled(program)) return (name, tests) => describe(name, tests);
  const missing = `${program} is not installed; on Debian: apt-get install ${debianPackage}`;
  if (process.env.GATEWAY_TESTS_NO_SKIP === '1') {
    return (name) =>
      describe(name, () => {
        test(`needs ${program}`, () => {
          throw new Error(missing);
        });
      });
  }
  return (name, tests) => {
    console.warn(`skipped "${name}": ${missing}`);
    describe.skip(`${name} (${missing})`, tests);
  };
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
