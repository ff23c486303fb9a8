import { parseArgs } from 'node:util';
import { existingClusters } from './choose-cluster.ts';
import { exitCode } from './cluster-error.ts';
import { clusterPaths } from './cluster-paths.ts';
import { readConfig } from './config.ts';
import { consoleProgress, withCluster } from './ensure-cluster.ts';
import { exitOnInterrupt, isInterrupted } from './process/interrupt.ts';
import { kubePrograms } from './kube-programs.ts';
import { clusterOptions, strictly } from './parse-arguments.ts';
import { deleteStack } from './stack/install-stack.ts';
import { stopCluster } from './stop-cluster.ts';
import { describeFailure } from './process/step.ts';

const usage = `npm run stop -- [options]

Stops the local cluster. What it holds stays: npm start continues where this left off.

  --delete                 first delete the sample TradingStack and wait until nothing of it is left
  --context NAME           only with --delete: your own cluster is not stopped
  --cluster kind|embedded  only this one; without it, every local cluster
  --json                   one JSON document on standard output
`;

const config = readConfig();
const paths = clusterPaths(config.cacheDirectory);
const progress = consoleProgress(paths);

try {
  await main();
} catch (error) {
  if (!isInterrupted()) process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitCode(error);
}

async function main(): Promise<void> {
  const options = { ...clusterOptions, delete: { type: 'boolean', default: false } } as const;
  const { values } = strictly(() => parseArgs({ options }));
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  exitOnInterrupt('run the same command to continue');
  // A stack is only where a cluster is: none is made to delete from it.
  if (values.delete && (values.context !== undefined || existingClusters(paths).length > 0)) {
    await withCluster({ ...values, progress }, async (cluster) => {
      await progress.step('delete the stack', () => deleteStack(kubePrograms(cluster)));
    });
  }
  if (values.context === undefined || !values.delete) await stopCluster({ request: values, config, paths, progress });
  if (values.json) process.stdout.write(`${JSON.stringify({ steps: progress.steps })}\n`);
}
