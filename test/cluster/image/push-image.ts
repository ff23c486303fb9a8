import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { dockerAnswers } from '../choose-cluster.ts';
import type { Cluster } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import type { ClusterPaths } from '../cluster-paths.ts';
import { builtImageLabel } from '../kind/kind-cluster.ts';
import { runCommand, succeeds } from '../process/run-command.ts';

export interface ImageSource {
  /** Folder with the Dockerfile and what it copies. Its name is of no other build that runs. */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  /** Stage of the Dockerfile. Default: the last one. */
  readonly target?: string;
  /** `host:port/name:tag` to push to. */
  readonly tag: string;
  readonly logFile: string;
}

export interface ImageTools {
  readonly cluster: Pick<Cluster, 'images'>;
  readonly paths: ClusterPaths;
}

/** Builds an image and pushes it: with docker where the cluster is docker's, otherwise with buildah. */
export async function pushImage({ cluster, paths }: ImageTools, source: ImageSource): Promise<void> {
  await (cluster.images.base === undefined ? pushWithDocker(source) : pushWithBuildah(paths, source));
}

async function pushWithDocker(source: ImageSource): Promise<void> {
  const { context, tag, logFile } = source;
  if (!(await dockerAnswers()))
    throw new ClusterError('missing', 'building the image for this cluster needs docker, which does not answer');
  const what = [...contentOf(source), '--label', `${builtImageLabel}=built`, '--tag', tag];
  await runCommand('docker', ['build', ...what, context], { logFile });
  await runCommand('docker', ['push', tag], { logFile });
}

async function pushWithBuildah(paths: ClusterPaths, source: ImageSource): Promise<void> {
  const { context, tag, logFile } = source;
  const storage = join(paths.images, 'buildah');
  const policy = join(paths.images, 'policy.json');
  const local = `localhost/tradingstack:${basename(context).toLowerCase()}`;
  writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const stores = ['--root', storage, '--runroot', `${storage}-run`, '--storage-driver', 'overlay'];
  const trust = ['--signature-policy', policy, '--tls-verify=false'];
  // Docker's format, because OCI's has no HEALTHCHECK; a fixed time, so that the same inputs give the same digest.
  const how = ['--isolation', 'chroot', '--format', 'docker', '--timestamp', '0', '--layers=false'];
  const what = [...contentOf(source), '--tag', local];
  try {
    await runCommand('buildah', [...stores, 'build', ...how, ...trust, ...what, context], { logFile });
    await runCommand('buildah', [...stores, 'push', ...trust, local, `docker://${tag}`], { logFile });
  } finally {
    await succeeds('buildah', [...stores, 'rmi', local], { logFile });
    await succeeds('buildah', [...stores, 'rmi', '--prune'], { logFile });
  }
}

function contentOf({ args, target }: ImageSource): string[] {
  const values = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  return target === undefined ? values : [...values, '--target', target];
}
