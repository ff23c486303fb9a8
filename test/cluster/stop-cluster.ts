import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { chooseCluster } from './choose-cluster.ts';
import type { ClusterRequest } from './choose-cluster.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import type { ClusterConfig } from './config.ts';
import { embeddedDown } from './embedded/down.ts';
import { embeddedSettings } from './embedded/embedded-settings.ts';
import { recordedProcesses } from './embedded/processes.ts';
import { embeddedPurge } from './embedded/purge.ts';
import { needsDocker } from './ensure-cluster.ts';
import { kindDown, kindPurge } from './kind/kind-cluster.ts';
import { withLock } from './lock.ts';
import type { Progress } from './step.ts';

export interface StopOptions {
  readonly request: ClusterRequest;
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

/** Stops the local cluster; what it holds stays. A cluster that the user named is never stopped. */
export async function stopCluster(options: StopOptions): Promise<void> {
  const chosen = await own(options);
  const { paths, config, progress } = options;
  // Where nobody named one: docker may have been started after the embedded cluster was.
  const alsoEmbedded = options.request.cluster === undefined && recordedProcesses(paths.state).length > 0;
  await withLock(paths.lock, async () => {
    if (chosen === 'kind') await kindDown(options);
    if (chosen === 'embedded' || alsoEmbedded) await embeddedDown(embeddedSettings(paths, config), progress);
  });
}

/** Stops the local cluster and removes everything that it wrote. */
export async function purgeCluster(options: StopOptions, keepBinaries: boolean): Promise<void> {
  const chosen = await own(options);
  const { paths, config, progress } = options;
  await withLock(paths.lock, async () => {
    if (chosen === 'kind') await kindPurge(options);
    await embeddedPurge(embeddedSettings(paths, config), progress, keepBinaries);
  });
  if (existsSync(paths.root) && readdirSync(paths.root).length === 0) rmdirSync(paths.root);
}

async function own({ request }: StopOptions): Promise<'kind' | 'embedded'> {
  const chosen = chooseCluster(request, await needsDocker(request));
  if (chosen !== 'context') return chosen;
  throw new ClusterError(
    'usage',
    'a cluster that --context names is yours: it is neither stopped nor removed from here',
  );
}
