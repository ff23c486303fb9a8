import { killContainer, untilBack, type ContainerChoice } from '../../e2e/container-process.ts';
import { leaderOf, leaderPod } from '../../e2e/operator-leader.ts';
import { until } from '../../e2e/until.ts';
import type { ChaosStack, Fault } from './fault.ts';
import { victimOf } from './targets.ts';

/** Kills the process of a target with SIGKILL, as the out-of-memory killer would, and waits for its successor. */
export function killOf(target: string): Fault {
  return {
    name: `kill-${target}`,
    strike: async (stack) => {
      await kill(stack, async () => await victimOf(stack.kubectl, stack.place, target));
      return [];
    },
  };
}

/** Kills the operator that holds the lease. */
export const killOfLeader: Fault = {
  name: 'kill-operator',
  strike: async (stack) => {
    const { kubectl, operatorNamespace } = stack;
    let holder = '';
    await kill(stack, async () => {
      holder = await leaderOf(kubectl, operatorNamespace);
      return await leaderPod(kubectl, operatorNamespace, holder);
    });
    await until('another leader', async () =>
      (await leaderOf(kubectl, operatorNamespace)) === holder ? undefined : true,
    );
    return [];
  },
};

async function kill({ kubectl, cluster }: ChaosStack, choose: () => Promise<ContainerChoice>): Promise<void> {
  const victim = await until('a process to kill', async () => await killContainer(kubectl, cluster, await choose()));
  await untilBack(kubectl, victim);
}
