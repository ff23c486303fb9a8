import type { Cluster } from './cluster.ts';
import { runCommand } from './process/run-command.ts';
import type { CommandOptions } from './process/run-command.ts';

/** kubectl and helm, aimed at one cluster. Each returns its standard output and throws `ClusterError`. */
export interface KubePrograms {
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string>;
  helm(args: readonly string[], options?: CommandOptions): Promise<string>;
}

export function kubePrograms(cluster: Pick<Cluster, 'kubeconfig' | 'context' | 'kubectl' | 'helm'>): KubePrograms {
  const env = { KUBECONFIG: cluster.kubeconfig };
  return {
    kubectl: (args, options = {}) =>
      runCommand(cluster.kubectl, ['--context', cluster.context, ...args], { ...options, env }),
    helm: (args, options = {}) =>
      runCommand(cluster.helm, ['--kube-context', cluster.context, ...args], { ...options, env }),
  };
}
