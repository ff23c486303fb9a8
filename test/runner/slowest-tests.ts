import { z } from 'zod';

export interface TimedTest {
  readonly name: string;
  readonly seconds: number;
}

/** The part of vitest's JSON report that is timed. */
const report = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ fullName: z.string(), duration: z.number().nullish() })),
    }),
  ),
});

/** Tests of one report with their durations; empty where there is no readable report. */
export function timedTests(text: string | undefined): readonly TimedTest[] {
  const parsed = text === undefined ? undefined : report.safeParse(JSON.parse(text)).data;
  return (parsed?.testResults ?? []).flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, duration }) => ({ name: fullName.trim(), seconds: (duration ?? 0) / 1_000 })),
  );
}

/** One line for each of the `count` slowest tests, slowest first; longer names are cut to fit 120 columns. */
export function slowestTests(tests: readonly TimedTest[], count: number): readonly string[] {
  return [...tests]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${shortened(name, 109)}`);
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
