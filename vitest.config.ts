import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where CI wants the figures as JSON, beside what is read by people. */
const report = process.env.GATEWAY_TESTS_REPORT;

/** The files that take longest, about half a minute and more each in CI, the longest first. */
const longest = [
  'test/browser/every-page.test.ts',
  'test/browser/journeys.test.ts',
  'src/core-bank-simulator/kinds.test.ts',
  'test/faults/faults.test.ts',
  'test/browser/requests.test.ts',
  'test/kill/kill.test.ts',
  'test/browser/administration.test.ts',
  'test/replicas.test.ts',
  'test/kill/restore.test.ts',
  'test/properties/debits.test.ts',
];

/** They begin first: one that began last would keep one worker busy while the other has nothing left to do. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const position = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
      return position < 0 ? longest.length : position;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/cluster.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes when it comes: a transaction of another test holds the sealing of all databases up.
    expect: { poll: { timeout: 30_000 } },
    // On two cores: while one waits for a browser, a database or a process that it has killed, two others go on.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report !== undefined && { outputFile: { json: report } }),
  },
});
