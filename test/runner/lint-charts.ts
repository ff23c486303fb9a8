import { ROOT } from '../architecture/project.ts';
import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress } from '../cluster/ensure-cluster.ts';
import { findPrograms } from '../cluster/find-programs.ts';
import { describeFailure } from '../cluster/step.ts';
import { runProcess } from './run-process.ts';

// npm run test:charts: every chart passes helm's own checks and renders.

/** Charts, and the values without which they are not complete. */
const CHARTS: readonly { readonly path: string; readonly values: readonly string[] }[] = [
  { path: 'charts/platform', values: [] },
  { path: 'charts/operator', values: ['--set', 'image=registry.example.com/tradingstack:check'] },
];

const paths = clusterPaths(readConfig().cacheDirectory);
try {
  const { helm } = await findPrograms(paths, consoleProgress(paths));
  for (const { path, values } of CHARTS) {
    const lint = await runProcess([helm, 'lint', '--strict', path, ...values], { cwd: ROOT });
    const rendered = await runProcess([helm, 'template', 'check', path, ...values], { cwd: ROOT });
    process.stdout.write(lint.output);
    if (rendered.code !== 0) process.stdout.write(rendered.output);
    const objects = rendered.output.split('\n').filter((line) => line.startsWith('kind: ')).length;
    process.stdout.write(`${path} renders ${objects} objects\n`);
    if (lint.code !== 0 || rendered.code !== 0 || objects === 0) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
