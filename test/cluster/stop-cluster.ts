import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { namedCluster } from './choose-cluster.ts';
import type { ClusterRequest, LocalKind } from './choose-cluster.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import type { ClusterConfig } from './config.ts';
import { embeddedDown } from './embedded/down.ts';
import { embeddedSettings } from './embedded/embedded-settings.ts';
import { embeddedPurge } from './embedded/purge.ts';
import { kindContainers, kindDown, kindPurge } from './kind/kind-cluster.ts';
import { removeLock, withLock } from './process/lock.ts';
import type { Progress } from './process/step.ts';

export interface StopOptions {
  readonly request: ClusterRequest;
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

/** Stops every local cluster that is there, or the one that was named; what it holds stays. */
export async function stopCluster(options: StopOptions): Promise<void> {
  const named = namedLocal(options.request);
  const { paths, config, progress } = options;
  const stop = async () => {
    const clusters = named ?? (await localClusters(paths));
    if (clusters.length === 0) progress.say('  no local cluster exists');
    if (clusters.includes('kind')) await kindDown(options);
    if (clusters.includes('embedded')) await embeddedDown(embeddedSettings(paths, config), progress);
  };
  await withLock(paths.lock, stop, { report: (text) => progress.say(text) });
}

/** Stops every local cluster, or the one that was named, and removes what belongs to it. */
export async function purgeCluster(options: StopOptions, keepBinaries: boolean): Promise<void> {
  const named = namedLocal(options.request);
  const { paths, config, progress } = options;
  const purge = async () => {
    const clusters = await localClusters(paths);
    if ((named ?? clusters).includes('kind')) await kindPurge(options);
    // The cache belongs to the embedded cluster. A purge of kind alone keeps an existing one.
    const keepsCache = named?.includes('kind') === true && clusters.includes('embedded');
    if (!keepsCache) await embeddedPurge(embeddedSettings(paths, config), progress, keepBinaries);
    removeLock(paths.lock);
  };
  await withLock(paths.lock, purge, { report: (text) => progress.say(text) });
  if (existsSync(paths.root) && readdirSync(paths.root).length === 0) rmdirSync(paths.root);
}

/** Also those that are half made: an interrupted start leaves them, and they are stopped and removed like others. */
async function localClusters(paths: ClusterPaths): Promise<LocalKind[]> {
  const isKind = existsSync(paths.kindKubeconfig) || (await kindContainers()).length > 0;
  return [...(isKind ? ['kind' as const] : []), ...(existsSync(paths.state) ? ['embedded' as const] : [])];
}

function namedLocal(request: ClusterRequest): LocalKind[] | undefined {
  const named = namedCluster(request);
  if (named !== 'context') return named === undefined ? undefined : [named];
  throw new ClusterError(
    'usage',
    'a cluster that --context names is yours: it is neither stopped nor removed from here',
  );
}
