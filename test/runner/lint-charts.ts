import { clusterPaths } from '../cluster/cluster-paths.ts';
import { readConfig } from '../cluster/config.ts';
import { consoleProgress } from '../cluster/ensure-cluster.ts';
import { findPrograms } from '../cluster/find-programs.ts';
import { runCommand } from '../cluster/run-command.ts';
import { describeFailure } from '../cluster/step.ts';
import { ROOT } from '../architecture/project.ts';

// npm run test:charts: every chart passes helm's own checks and renders with its defaults.

const paths = clusterPaths(readConfig().cacheDirectory);
try {
  const { helm } = await findPrograms(paths, consoleProgress(paths));
  for (const chart of ['charts/platform', 'charts/operator']) {
    process.stdout.write(await runCommand(helm, ['lint', '--strict', chart], { cwd: ROOT }));
    const rendered = await runCommand(helm, ['template', 'check', chart], { cwd: ROOT });
    process.stdout.write(
      `${chart} renders ${rendered.split('\n').filter((line) => line.startsWith('kind: ')).length} objects\n`,
    );
  }
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}
