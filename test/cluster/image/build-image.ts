import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from '../../../esbuild.config.ts';
import type { Cluster } from '../cluster.ts';
import { ClusterError, exitCode } from '../cluster-error.ts';
import { clusterPaths, removeAbandonedWork, workPrefix } from '../cluster-paths.ts';
import type { ClusterPaths } from '../cluster-paths.ts';
import { readConfig } from '../config.ts';
import { consoleProgress, withCluster } from '../ensure-cluster.ts';
import { inputHash } from './input-hash.ts';
import { pushImage } from './push-image.ts';
import { exitOnInterrupt, isInterrupted } from '../process/interrupt.ts';
import { digestAt } from '../registry.ts';
import { runCommand } from '../process/run-command.ts';
import { describeFailure } from '../process/step.ts';
import type { Progress } from '../process/step.ts';

export interface BuiltImage {
  /** `registry/tradingstack@sha256:...`, as the nodes pull it. */
  readonly reference: string;
  readonly version: string;
  /** Nothing had changed since an earlier build, which the registry still has. */
  readonly reused: boolean;
}

export interface BuildOptions {
  readonly cluster: Pick<Cluster, 'registry' | 'pullRegistry' | 'images'>;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

const root = resolve(import.meta.dirname, '../../..');

/**
 * Builds the project's image from the Dockerfile and pushes it by digest; where no input changed, finds the earlier
 * one.
 */
export async function buildImage({ cluster, paths, progress }: BuildOptions): Promise<BuiltImage> {
  const { registry } = cluster;
  if (registry === undefined) {
    throw new ClusterError(
      'usage',
      'the image needs a registry that this machine and the nodes reach: name it with --registry HOST:PORT',
    );
  }
  const version = packageVersion();
  const hash = inputHash(root, [cluster.images.base ?? 'public', registry]).slice(0, 16);
  const record = join(paths.images, `tradingstack-${hash}.json`);
  const name = `${registry}/tradingstack`;
  const known = readRecord(record);
  const result = (digest: string, reused: boolean): BuiltImage => ({
    reference: `${cluster.pullRegistry ?? registry}/tradingstack@${digest}`,
    version,
    reused,
  });
  if (known !== undefined && (await digestAt(`${name}@${known}`)) !== undefined) return result(known, true);
  mkdirSync(paths.images, { recursive: true });
  const digest = await progress.step('image tradingstack', async ({ logFile }) => {
    const target: Target = { tag: `${name}:${hash}`, version, logFile };
    await (cluster.images.base === undefined
      ? buildWithDocker({ cluster, paths }, target)
      : buildPrebuilt({ cluster, paths }, cluster.images.base, target));
    return digestAt(target.tag);
  });
  if (digest === undefined) throw new ClusterError('failed', `${name}:${hash} is not in the registry after its push`);
  writeFileSync(`${record}.new`, JSON.stringify({ digest }));
  renameSync(`${record}.new`, record);
  return result(digest, false);
}

interface Target {
  readonly tag: string;
  readonly version: string;
  readonly logFile: string;
}

async function buildWithDocker(options: Omit<BuildOptions, 'progress'>, { version, ...target }: Target): Promise<void> {
  await pushImage(options, { ...target, context: root, args: { VERSION: version } });
}

/** Bundles with the checkout's own packages, so that the build itself reaches no network. */
async function buildPrebuilt(
  options: Omit<BuildOptions, 'progress'>,
  base: string,
  { version, ...target }: Target,
): Promise<void> {
  removeAbandonedWork(options.paths.images);
  // A folder and a name of its own: a build that was killed may still be at work in another one.
  const context = mkdtempSync(workPrefix(join(options.paths.images, 'context')));
  copyFileSync(join(root, 'Dockerfile'), join(context, 'Dockerfile'));
  try {
    await bundle(join(context, 'app'));
    await pushImage(options, {
      ...target,
      context,
      args: { BASE_IMAGE: base, VERSION: version },
      target: 'prebuilt',
    });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function readRecord(path: string): string | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { digest: string }).digest : undefined;
}

/** Called by skaffold as a custom builder: the image is to be found under $IMAGE afterwards. */
async function buildForSkaffold(): Promise<void> {
  const config = readConfig();
  const paths = clusterPaths(config.cacheDirectory);
  const progress = consoleProgress(paths);
  exitOnInterrupt('run the same command to continue');
  await withCluster({ config, progress, cluster: 'embedded' }, async (cluster) => {
    const built = await buildImage({ cluster, paths, progress });
    if (config.skaffold?.push === true) {
      await runCommand(join(paths.bin, 'crane'), ['copy', '--insecure', built.reference, config.skaffold.image]);
    }
    process.stdout.write(`${built.reference}\n`);
  });
}

if (import.meta.main) {
  try {
    await buildForSkaffold();
  } catch (error) {
    if (!isInterrupted()) process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = exitCode(error);
  }
}
