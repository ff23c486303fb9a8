import { findCluster } from './choose-cluster.ts';
import type { ClusterKind, ClusterRequest } from './choose-cluster.ts';
import type { Cluster } from './cluster.ts';
import { clusterPaths } from './cluster-paths.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import { readConfig } from './config.ts';
import type { ClusterConfig } from './config.ts';
import { existingContext } from './existing-context.ts';
import { embeddedSettings } from './embedded/embedded-settings.ts';
import { embeddedUp } from './embedded/up.ts';
import { kindUp } from './kind/kind-cluster.ts';
import { withLock } from './process/lock.ts';
import { createProgress } from './process/step.ts';
import type { Progress } from './process/step.ts';

export interface EnsureOptions extends ClusterRequest {
  /** For a named context: `host:port` of a registry that this machine pushes to and the nodes pull from. */
  readonly registry?: string | undefined;
  readonly progress?: Progress;
  readonly config?: ClusterConfig;
}

/**
 * Selects a cluster, starts it if needed, and returns how to reach it. Returns quickly if it already runs. Throws a
 * `ClusterError` with the missing requirement, or with the failed step and its log file.
 */
export async function ensureCluster(options: EnsureOptions = {}): Promise<Cluster> {
  return withCluster(options, async (cluster) => cluster);
}

/**
 * Brings the cluster up like `ensureCluster` and works on it as the only process that does: helm fails beside another.
 */
export async function withCluster<T>(options: EnsureOptions, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const config = options.config ?? readConfig();
  const paths = clusterPaths(config.cacheDirectory);
  const progress = options.progress ?? consoleProgress(paths);
  const change = async () => {
    // Chosen only here: another process may just have made the cluster that is to be found.
    const { kind, because } = await findCluster(options, paths);
    progress.say(`  cluster: ${kind} (${because})`);
    return work(await bringUp(kind, { options, config, paths, progress }));
  };
  return withLock(paths.lock, change, { report: (text) => progress.say(text) });
}

/** Progress on standard error, as a person at a terminal reads it. */
export function consoleProgress(paths: ClusterPaths): Progress {
  return createProgress({
    write: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
    columns: () => process.stderr.columns,
    logDirectory: paths.logs,
  });
}

interface BringUp {
  readonly options: EnsureOptions;
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

function bringUp(kind: ClusterKind, { options, config, paths, progress }: BringUp): Promise<Cluster> {
  if (kind === 'context') {
    return existingContext(options.context ?? '', { registry: options.registry, paths, progress });
  }
  if (kind === 'kind') return kindUp({ config, paths, progress });
  return embeddedUp(embeddedSettings(paths, config), progress);
}
