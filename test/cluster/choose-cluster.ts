import { succeeds } from './run-command.ts';
import { ClusterError } from './cluster-error.ts';

export type ClusterKind = 'context' | 'kind' | 'embedded';

export interface ClusterRequest {
  /** A context of the user's own kubeconfig. */
  readonly context?: string | undefined;
  /** Overrides the order below. */
  readonly cluster?: string | undefined;
}

/** The order: a context that was named; kind, where docker answers; otherwise the embedded cluster. */
export function chooseCluster(request: ClusterRequest, dockerAnswers: boolean): ClusterKind {
  if (request.context !== undefined) {
    if (request.cluster !== undefined && request.cluster !== 'context') {
      throw new ClusterError('usage', `--context names a cluster already: leave --cluster ${request.cluster} out`);
    }
    return 'context';
  }
  if (request.cluster === 'kind' || request.cluster === 'embedded') return request.cluster;
  if (request.cluster !== undefined) {
    throw new ClusterError('usage', `--cluster ${request.cluster}: only kind and embedded can be chosen so`);
  }
  return dockerAnswers ? 'kind' : 'embedded';
}

/** Asks the docker engine for its version; a client without an engine does not answer. */
export async function dockerAnswers(): Promise<boolean> {
  return succeeds('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 5000 });
}
