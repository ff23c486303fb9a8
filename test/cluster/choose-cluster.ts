import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import type { ClusterPaths } from './cluster-paths.ts';
import { succeeds } from './process/run-command.ts';

/** The clusters that are made and removed from here. */
export type LocalKind = 'kind' | 'embedded';
export type ClusterKind = 'context' | LocalKind;

export interface ClusterRequest {
  /** A context of the user's own kubeconfig. */
  readonly context?: string | undefined;
  /** Overrides the order below. */
  readonly cluster?: string | undefined;
}

export interface Surroundings {
  readonly dockerAnswers: boolean;
  /** The local clusters that were made and not purged, running or not. */
  readonly existing: readonly LocalKind[];
}

export interface ClusterChoice {
  readonly kind: ClusterKind;
  /** For people: `it already exists`. */
  readonly because: string;
}

/**
 * The order: a context that was named; the only local cluster that is there; kind, where docker answers; otherwise the
 * embedded one. What exists comes before docker, so that starting or stopping docker never takes a cluster out of
 * sight.
 */
export function chooseCluster(request: ClusterRequest, { dockerAnswers, existing }: Surroundings): ClusterChoice {
  const named = namedCluster(request);
  if (named !== undefined) return { kind: named, because: 'named' };
  const [only, another] = existing;
  if (only !== undefined && another === undefined) return { kind: only, because: 'it already exists' };
  const here = another === undefined ? '' : ', and both kinds exist';
  return dockerAnswers
    ? { kind: 'kind', because: `docker answers${here}` }
    : { kind: 'embedded', because: `docker does not answer${here}` };
}

/** What the options say outright. */
export function namedCluster({ context, cluster }: ClusterRequest): ClusterKind | undefined {
  if (context !== undefined) {
    if (cluster === undefined || cluster === 'context') return 'context';
    throw new ClusterError('usage', `--context already selects a cluster: remove --cluster ${cluster}`);
  }
  if (cluster === undefined || cluster === 'kind' || cluster === 'embedded') return cluster;
  throw new ClusterError('usage', `--cluster ${cluster}: must be kind or embedded`);
}

/** Finds the existing clusters, and queries docker only if its answer decides. */
export async function findCluster(request: ClusterRequest, paths: ClusterPaths): Promise<ClusterChoice> {
  const existing = existingClusters(paths);
  const isOpen = namedCluster(request) === undefined && existing.length !== 1;
  return chooseCluster(request, { existing, dockerAnswers: isOpen && (await dockerAnswers()) });
}

/**
 * An embedded cluster is there from its certificates on, one of kind from its kubeconfig on, which kind writes last.
 */
export function existingClusters(paths: ClusterPaths): LocalKind[] {
  const signs = { embedded: join(paths.state, 'pki'), kind: paths.kindKubeconfig } as const;
  return (['embedded', 'kind'] as const).filter((kind) => existsSync(signs[kind]));
}

/** Asks the docker engine for its version; a client without an engine does not answer. */
export async function dockerAnswers(): Promise<boolean> {
  return succeeds('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 5000 });
}
