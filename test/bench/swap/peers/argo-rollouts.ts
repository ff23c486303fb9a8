import { defineResource, type KubeObject } from '../../../../operator/kube/client/resource.ts';
import { NAMESPACE } from '../cluster/bench-cluster.ts';
import { startArgoRollouts } from './argo-controller.ts';
import type { Peer } from './peer.ts';

interface Rollout extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    /** The generation, as text. */
    readonly observedGeneration?: string;
    readonly currentPodHash?: string;
    readonly blueGreen?: { readonly activeSelector?: string };
  };
}

const rollouts = defineResource<Rollout>({
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'rollouts',
  kind: 'Rollout',
  namespaced: true,
});

/** The old version keeps its pod for 30 s after the switch: the default of scaleDownDelaySeconds. */
export const argoRollouts: Peer = {
  summary: 'a Rollout of Argo Rollouts, blue-green at its defaults',
  keepsOld: true,
  prepare: startArgoRollouts,
  workload: ({ sender, selector, template }) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: sender, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template,
      strategy: { blueGreen: { activeService: sender } },
    },
  }),
  patch: async (client, name, change) => {
    await client.mergePatch(rollouts, { namespace: NAMESPACE, name }, change, { fieldManager: 'bench' });
  },
  isSettled: async (client, name) => {
    const { metadata, status = {} } = await client.get(rollouts, { namespace: NAMESPACE, name });
    const isObserved = status.observedGeneration === String(metadata.generation);
    const isSwitched = status.blueGreen?.activeSelector === status.currentPodHash;
    return isObserved && isSwitched && status.phase === 'Healthy';
  },
};
