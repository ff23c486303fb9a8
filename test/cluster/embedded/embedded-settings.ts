import { join } from 'node:path';
import type { ClusterPaths } from '../cluster-paths.ts';
import type { ClusterConfig } from '../config.ts';

/** Where everything of one embedded cluster is; handed to each of its parts. */
export interface EmbeddedSettings {
  readonly paths: ClusterPaths;
  readonly state: string;
  readonly bin: string;
  readonly ports: ClusterConfig['ports'];
  /** `host:port` to push to and to pull from: the node shares the host's loopback. */
  readonly registry: string;
  readonly kubeconfig: string;
  readonly containerdSocket: string;
}

export function embeddedSettings(paths: ClusterPaths, config: ClusterConfig): EmbeddedSettings {
  const { state, bin } = paths;
  return {
    paths,
    state,
    bin,
    ports: config.ports,
    registry: `127.0.0.1:${config.ports.registry}`,
    kubeconfig: join(state, 'kubeconfig'),
    containerdSocket: join(state, 'containerd.sock'),
  };
}
