import { z } from 'zod';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** The part of vitest's JSON report that is counted. */
const report = z.object({
  numPassedTests: z.int().min(0),
  numFailedTests: z.int().min(0),
  numPendingTests: z.int().min(0),
  numTodoTests: z.int().min(0),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * Counts of one level of tests, from the text of its report (undefined when there is none) and the runner's exit code.
 * Fails are also: a test that was skipped, a file that could not be loaded, a run that ended with an error of its own,
 * and a level in which no test ran at all.
 */
export function testCounts(text: string | undefined, exitCode: number): TestCounts {
  const parsed = text === undefined ? undefined : report.safeParse(JSON.parse(text)).data;
  if (parsed === undefined) return { passed: 0, failed: 1 };
  const unloaded = parsed.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = parsed.numFailedTests + parsed.numPendingTests + parsed.numTodoTests + unloaded;
  const broken = failed === 0 && (exitCode !== 0 || parsed.numPassedTests === 0) ? 1 : 0;
  return { passed: parsed.numPassedTests, failed: failed + broken };
}
