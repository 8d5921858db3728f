import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** As CI sets it: what is missing is a failure. */
export const mustNotSkip = process.env.GATEWAY_TESTS_NO_SKIP === '1';

type Describe = (name: string, tests: () => void) => void;

/** `describe` for what needs a program that is not ours, with a word on how to get it. */
export function describeIf(program: string, debianPackage: string): Describe {
  if (isInstalled(program)) return describeUnless(undefined);
  const missing = `${program} is not installed; on Debian: apt-get install ${debianPackage}`;
  return (name, tests) => {
    if (!mustNotSkip) console.warn(`skipped "${name}": ${missing}`);
    describeUnless(missing)(name, tests);
  };
}

/** `describe` for what needs something: skipped where that is missing, or a failure where nothing may be skipped. */
export function describeUnless(missing: string | undefined): Describe {
  return (name, tests) => {
    if (missing === undefined) describe(name, tests);
    else if (!mustNotSkip) describe.skip(`${name} (${missing})`, tests);
    else
      describe(name, () => {
        test('has what it needs', () => {
          throw new Error(missing);
        });
      });
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
