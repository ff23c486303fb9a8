import { findContainer, freezeContainer } from '../../e2e/container-process.ts';
import type { Fault } from './fault.ts';
import { pause } from './pause.ts';
import { victimOf } from './targets.ts';

/** Stops all processes of a target: connections stay open without an answer. Then it continues them. */
export function freezeOf(target: string): Fault {
  return {
    name: `freeze-${target}`,
    strike: async ({ kubectl, cluster, place }, { seconds, stop }) => {
      const container = await findContainer(kubectl, await victimOf(kubectl, place, target));
      try {
        await freezeContainer(cluster, container, 'STOP');
        await pause(seconds, stop);
      } finally {
        await freezeContainer(cluster, container, 'CONT');
      }
      return [];
    },
  };
}
