import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import { userKubeconfig } from './config.ts';
import { findPrograms } from './find-programs.ts';
import { runCommand, succeeds } from './process/run-command.ts';
import type { Progress } from './process/step.ts';

interface ContextOptions {
  readonly registry: string | undefined;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

/** A cluster that the user has already: nothing in it is started or stopped, it only has to answer. */
export async function existingContext(context: string, options: ContextOptions): Promise<Cluster> {
  const kubeconfig = userKubeconfig() ?? join(homedir(), '.kube', 'config');
  const { kubectl, helm } = await findPrograms(options.paths, options.progress);
  const known = (await runCommand(kubectl, ['config', 'get-contexts', '-o', 'name'])).split('\n').filter(Boolean);
  if (!known.includes(context)) {
    throw new ClusterError(
      'usage',
      `no context is called ${context}; the kubeconfig has: ${known.join(', ') || 'none'}`,
    );
  }
  if (!(await succeeds(kubectl, ['--context', context, 'get', '--raw', '/readyz'], { timeoutMs: 10_000 }))) {
    throw new ClusterError(
      'failed',
      `the API server of context ${context} does not answer: kubectl --context ${context} get --raw /readyz`,
    );
  }
  return {
    kind: 'context',
    kubeconfig,
    context,
    registry: options.registry,
    pullRegistry: options.registry,
    kubectl,
    helm,
    images: { base: undefined, redis: undefined, postgres: undefined },
  };
}
