import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import type { BenchCluster } from '../cluster/bench-cluster.ts';
import type { PeerObjects } from './peer-objects.ts';

/** A way to replace the sender that knows nothing of the fence. */
export interface Peer {
  readonly summary: string;
  /** Whether the old version keeps running for a while, so that a rollback can be warm. */
  readonly keepsOld: boolean;
  /** Starts what it needs beside the cluster. Resolves with how to end that. */
  readonly prepare: (bench: BenchCluster) => Promise<() => Promise<void>>;
  /** The workload that runs the pods. */
  readonly workload: (objects: PeerObjects) => object;
  /** Changes the template of the pods. */
  readonly patch: (client: KubeClient, sender: string, change: object) => Promise<void>;
  /** Whether nothing is left to do for the newest template. */
  readonly isSettled: (client: KubeClient, sender: string) => Promise<boolean>;
}
