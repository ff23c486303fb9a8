import type { V1DeploymentStrategy } from '@kubernetes/client-node';
import { deployments } from '../../../../operator/kube/client/builtin-resources.ts';
import { NAMESPACE } from '../cluster/bench-cluster.ts';
import type { Peer } from './peer.ts';

export const rollingUpdate = deploymentPeer('a Deployment with RollingUpdate at its defaults', {
  type: 'RollingUpdate',
});

export const recreate = deploymentPeer('a Deployment with Recreate', { type: 'Recreate' });

function deploymentPeer(summary: string, strategy: V1DeploymentStrategy): Peer {
  return {
    summary,
    keepsOld: false,
    prepare: async () => await Promise.resolve(async () => await Promise.resolve()),
    workload: ({ sender, selector, template }) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: sender, namespace: NAMESPACE },
      spec: { replicas: 1, strategy, selector: { matchLabels: selector }, template },
    }),
    patch: async (client, name, change) => {
      await client.mergePatch(deployments, { namespace: NAMESPACE, name }, change, { fieldManager: 'bench' });
    },
    isSettled: async (client, name) => {
      const { metadata, status = {} } = await client.get(deployments, { namespace: NAMESPACE, name });
      const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
      return status.observedGeneration === metadata.generation && counts.every((count) => count === 1);
    },
  };
}
