import { findContainer } from '../../e2e/container-process.ts';
import { until } from '../../e2e/until.ts';
import type { Fault } from './fault.ts';
import { podsOf, victimOf } from './targets.ts';

/** Deletes the pod of a target, as a drain of its node would: the process may end in order, and another pod starts. */
export function deletionOf(target: string): Fault {
  return {
    name: `delete-${target}`,
    strike: async ({ kubectl, place }) => {
      const pods = podsOf(place, target);
      const victim = await findContainer(kubectl, await victimOf(kubectl, place, target));
      const { namespace, pod, container } = victim;
      await kubectl.run('-n', namespace, 'delete', 'pod', pod, '--wait=false');
      await until('the next pod', async () =>
        (await findContainer(kubectl, pods)).container === container ? undefined : true,
      );
      return [];
    },
  };
}
