import { spawnSync } from 'node:child_process';

/**
 * Whether one of these programs is missing, so that a test that needs it may be skipped on a developer's machine. In CI
 * (GATEWAY_TESTS_NO_SKIP=1) nothing is skipped: the test runs, and fails by what is missing.
 */
export function isMissing(...programs: readonly string[]): boolean {
  if (process.env.GATEWAY_TESTS_NO_SKIP === '1') return false;
  return programs.some((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined);
}
