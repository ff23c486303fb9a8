import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

export interface ReportedTest {
  readonly name: string;
  readonly seconds: number;
  /** Why it failed; undefined for one that passed. */
  readonly failure: string | undefined;
}

/** Lines of a failure that are repeated at the end: the message and its place in the project's own files. */
const LINES_MAX = 12;
const FOREIGN_FRAME = /^\s*at .*(node_modules|node:internal|new Promise)/;

/** The part of vitest's JSON report that is read. */
const report = z.object({
  testResults: z.array(
    z.object({
      // Why a file has no tests: its import or a hook failed.
      message: z.string().nullish(),
      name: z.string().nullish(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          duration: z.number().nullish(),
          status: z.string().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Tests of one report, and the files that failed as a whole; empty where there is no readable report. */
export function reportedTests(text: string | undefined): readonly ReportedTest[] {
  const parsed = text === undefined ? undefined : report.safeParse(JSON.parse(text)).data;
  return (parsed?.testResults ?? []).flatMap(({ name, message, assertionResults }) => [
    ...(message ? [{ name: name ?? 'a file of tests', seconds: 0, failure: message }] : []),
    ...assertionResults.map(({ fullName, duration, status, failureMessages }) => ({
      name: fullName.trim(),
      seconds: (duration ?? 0) / 1_000,
      failure: status === 'failed' ? (failureMessages ?? []).join('\n') : undefined,
    })),
  ]);
}

/** One line for each of the `count` slowest tests, slowest first; longer names are cut to fit 120 columns. */
export function slowestTests(tests: readonly ReportedTest[], count: number): readonly string[] {
  return [...tests]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${shortened(name, 109)}`);
}

/** Each test that failed, with the beginning of its failure: a log may be cut in its middle, not at its end. */
export function failedTests(tests: readonly ReportedTest[]): readonly string[] {
  return tests.flatMap(({ name, failure }) => {
    if (failure === undefined) return [];
    const lines = stripVTControlCharacters(failure).split('\n');
    const own = lines.filter((line) => !FOREIGN_FRAME.test(line)).slice(0, LINES_MAX);
    return [`  ${name}`, ...own.map((line) => `    ${shortened(line.trimEnd(), 400)}`)];
  });
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
