import type { ClusterKind } from './choose-cluster.ts';

/** A running Kubernetes that a stack can be installed into. */
export interface Cluster {
  readonly kind: ClusterKind;
  readonly kubeconfig: string;
  readonly context: string;
  /** `host:port` to push images to from here, or undefined where the project's image must already be in a registry. */
  readonly registry: string | undefined;
  /** The same registry as the nodes name it. */
  readonly pullRegistry: string | undefined;
  /** Paths of the programs that fit this cluster. */
  readonly kubectl: string;
  readonly helm: string;
  /** Images that were made for this cluster, by digest; undefined where the public ones of the charts can be pulled. */
  readonly images: {
    readonly base: string | undefined;
    readonly redis: string | undefined;
    readonly postgres: string | undefined;
  };
}
