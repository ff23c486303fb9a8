import { cutNetwork, findContainer } from '../../e2e/container-process.ts';
import { until } from '../../e2e/until.ts';
import type { Fault } from './fault.ts';
import { pause } from './pause.ts';
import { victimOf } from './targets.ts';

/** Takes the pod of a target off the network, and puts it back. Packets get lost; no connection is refused. */
export function cutOf(target: string): Fault {
  return {
    name: `cut-${target}`,
    strike: async ({ kubectl, cluster, place }, { seconds, stop }) => {
      const pods = await victimOf(kubectl, place, target);
      const found = await findContainer(kubectl, pods);
      const { pod } = found;
      await cutNetwork(cluster, found, 'cut');
      try {
        await pause(seconds, stop);
      } finally {
        // The process may have ended because of the cut. Its successor is in the same pod, and is cut off as well.
        await until(`${pod} to be on the network`, async () => {
          await cutNetwork(cluster, await findContainer(kubectl, { ...pods, pod }), 'restore');
          return true;
        });
      }
      return [];
    },
  };
}
