import { OPERATOR_NAME } from '../../../../operator/api/v1alpha1/labels.ts';
import { cutPeers, findContainer } from '../../../e2e/container-process.ts';
import { until } from '../../../e2e/until.ts';
import type { ChaosStack } from '../fault.ts';
import { pause } from '../pause.ts';
import { podsOf } from '../targets.ts';
import type { BegunSwap } from './swap-fault.ts';

/** What the sender talks to. */
export const PEERS = ['operator', 'postgres', 'redis', 'venue'] as const;
type Peer = (typeof PEERS)[number];

/**
 * Takes the sender before a swap off one of its peers, and puts it back. By rules of the packet filter in its pod: a
 * network policy only allows, so a cut would be to remove one, which the operator restores; and the cluster judges the
 * first packet of a connection only, so that a connection that exists would stay.
 */
export async function cutFromPeer({ stack, options, blue }: BegunSwap, peer: Peer): Promise<void> {
  const { kubectl, cluster } = stack;
  const addresses = await addressesOf(stack, peer);
  const found = await findContainer(kubectl, blue);
  const { namespace, pod } = found;
  try {
    await cutPeers(cluster, found, addresses, 'cut');
    await pause(options.seconds, options.stop);
  } finally {
    // The process may have ended; its successor in the pod has the same rules. With the pod, they are gone.
    await until(`${pod} to reach the ${peer}`, async () => {
      const name = await kubectl.run('-n', namespace, 'get', 'pod', pod, '--ignore-not-found', '-o', 'name');
      if (name !== '') await cutPeers(cluster, await findContainer(kubectl, { ...blue, pod }), addresses, 'restore');
      return true;
    });
  }
}

interface Addressed {
  readonly items: readonly { readonly status: { readonly podIP?: string } }[];
}

/** Addresses of the pods of a peer, and of its Service if that has one of its own. */
async function addressesOf({ kubectl, place, operatorNamespace }: ChaosStack, peer: Peer): Promise<readonly string[]> {
  const target = peer === 'venue' ? 'exchange-simulator' : peer;
  const isOperator = peer === 'operator';
  const choice = isOperator
    ? { namespace: operatorNamespace, selector: `app.kubernetes.io/name=${OPERATOR_NAME}` }
    : podsOf(place, target);
  const pods = await kubectl.json<Addressed>('-n', choice.namespace, 'get', 'pods', '-l', choice.selector);
  const service = peer === 'venue' ? `${place.name}-${target}` : target;
  const ofService = ['-n', place.namespace, 'get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}'];
  const clusterIp = isOperator ? '' : (await kubectl.run(...ofService)).trim();
  const found = [...pods.items.map(({ status }) => status.podIP ?? ''), clusterIp];
  const addresses = [...new Set(found)].filter((address) => /^\d/.test(address));
  if (addresses.length === 0) throw new Error(`the ${peer} has no address`);
  return addresses;
}
