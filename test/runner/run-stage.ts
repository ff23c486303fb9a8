import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../architecture/project.ts';
import { runProcess } from './run-process.ts';
import type { Stage } from './stages.ts';
import { reportedTests, type ReportedTest } from './reported-tests.ts';
import { testCounts } from './test-counts.ts';

export interface StageResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Tests that passed; `undefined` for a step that runs none. */
  readonly passed: number | undefined;
  readonly failed: number;
  readonly output: string;
  readonly tests: readonly ReportedTest[];
}

/** Runs one stage as its npm script; `onOutput` sees what it writes while it runs. */
export async function runStage(stage: Stage, onOutput?: (chunk: Buffer) => void): Promise<StageResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tradingstack-report-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const extra = stage.tests ? ['--', ...reporters] : [];
  try {
    const { code, output, seconds } = await runProcess(['npm', 'run', '--silent', stage.script, ...extra], {
      cwd: ROOT,
      ...(onOutput === undefined ? {} : { onOutput }),
    });
    if (!stage.tests) {
      const failed = code === 0 ? 0 : 1;
      return { name: stage.name, ok: code === 0, seconds, passed: undefined, failed, output, tests: [] };
    }
    const report = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    const { passed, failed } = testCounts(report, code);
    return { name: stage.name, ok: failed === 0, seconds, passed, failed, output, tests: reportedTests(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface StageEvents {
  readonly onStart: (stage: Stage) => void;
  readonly onResult: (result: StageResult) => void;
}

/** Runs stages two at a time, which is what two cores carry; results in the order of the stages. */
export async function runStages(
  stages: readonly Stage[],
  { onStart, onResult }: StageEvents,
): Promise<readonly StageResult[]> {
  const results: StageResult[] = [];
  const queue = stages.map((stage, index) => ({ stage, index }));
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      onStart(next.stage);
      const result = await runStage(next.stage);
      results[next.index] = result;
      onResult(result);
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}
