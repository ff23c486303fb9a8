import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildImage } from './image/build-image.ts';
import type { BuiltImage } from './image/build-image.ts';
import type { Cluster } from './cluster.ts';
import { exitCode } from './cluster-error.ts';
import { clusterPaths } from './cluster-paths.ts';
import { readConfig } from './config.ts';
import { consoleProgress, withCluster } from './ensure-cluster.ts';
import { exitOnInterrupt, isInterrupted } from './process/interrupt.ts';
import { kubePrograms } from './kube-programs.ts';
import type { KubePrograms } from './kube-programs.ts';
import { nextSteps } from './stack/next-steps.ts';
import { clusterOptions, strictly } from './parse-arguments.ts';
import { applySample, installCharts, sampleStack } from './stack/install-stack.ts';
import type { StackView } from './stack/stack-line.ts';
import { readSummary, renderSummary } from './stack/stack-summary.ts';
import type { StackSummary } from './stack/stack-summary.ts';
import { describeFailure } from './process/step.ts';
import { waitForStack } from './stack/wait-for-stack.ts';

const usage = `npm start -- [options]

Brings up a cluster, builds the image, installs the charts, applies the sample TradingStack and waits until it trades.

  --context NAME           a context of your own kubeconfig, together with --registry
  --cluster kind|embedded  cluster to use; default: the one that exists, kind if docker answers, else embedded
  --registry HOST:PORT     with --context: a registry that this machine and the cluster both reach
  --json                   one JSON document on standard output, progress on standard error

Exit status: 0 it trades (or is halted, which is said), 1 failed, 2 wrong call, 3 something must be installed first, 4 a port or the cluster is busy, 130 interrupted.
`;

const paths = clusterPaths(readConfig().cacheDirectory);
const progress = consoleProgress(paths);
const phases: { readonly seconds: number; readonly line: string }[] = [];
const started = performance.now();

try {
  await main();
} catch (error) {
  if (!isInterrupted()) process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitCode(error);
}

async function main(): Promise<void> {
  const { values } = strictly(() => parseArgs({ options: clusterOptions }));
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const stop = values.context === undefined ? ', `npm run stop` stops what runs' : '';
  exitOnInterrupt(`finished steps are kept; run the same command to continue${stop}`);
  const { cluster, kube, image } = await withCluster({ ...values, progress }, install);
  const stack = await waitForStack(kube, { seconds: 600, onChange: showPhase });
  const halted = stack.status?.trading?.requested === 'Halted';
  const summary = halted ? await readSummary(kube, stack) : await firstTrades(kube, stack);
  const seconds = sinceStart();
  if (values.json) {
    const document = { cluster, image, seconds, steps: progress.steps, phases, status: stack.status, summary };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(`${await report(kube, summary)}
up after ${seconds} s. ${nextSteps(values, { ...sampleStack, halted })}`);
}

async function install(cluster: Cluster): Promise<{ cluster: Cluster; kube: KubePrograms; image: BuiltImage }> {
  const kube = kubePrograms(cluster);
  const image = await buildImage({ cluster, paths, progress });
  await installCharts({ cluster, kube, image, progress });
  await progress.step('apply manifests/samples/paper.yaml', () => applySample(kube, image));
  return { cluster, kube, image };
}

function showPhase(line: string): void {
  const seconds = sinceStart();
  phases.push({ seconds, line });
  progress.say(`  ${seconds.toFixed(1).padStart(10)} s  ${line}`);
}

function sinceStart(): number {
  return Math.round((performance.now() - started) / 100) / 10;
}

/** Waits for the first fills, at most 60 s: a running stack trades once it has seen its first bars. */
async function firstTrades(kube: KubePrograms, stack: StackView): Promise<StackSummary | undefined> {
  return progress.step('first fills', async () => {
    let summary = await readSummary(kube, stack);
    for (let attempt = 0; attempt < 60 && (summary?.fills ?? 0) < 4; attempt += 1) {
      await delay(1000);
      summary = await readSummary(kube, stack);
    }
    return summary;
  });
}

async function report(kube: KubePrograms, summary: StackSummary | undefined): Promise<string> {
  const { namespace, name } = sampleStack;
  const line = await kube.kubectl(['-n', namespace, 'get', 'tradingstack', name]);
  return `
${line}
${summary === undefined ? 'no orders yet' : renderSummary(summary)}
`;
}
