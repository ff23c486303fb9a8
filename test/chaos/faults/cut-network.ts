import type { Fault } from './fault.ts';
import { pause } from './pause.ts';
import type { STORES } from './targets.ts';

interface PolicyView {
  readonly spec: { readonly ingress: readonly object[] };
}

/** The local cluster looks for connections that a policy has come to forbid every 30 s; new ones it refuses at once. */
const UNTIL_ENFORCED_S = 30;

/**
 * Takes a store off the network by admitting nobody in its policy, and restores that. Policies only add up, so there is
 * no policy that could forbid what another one allows, and those of the services the operator repairs at once.
 */
export function cutOf(store: (typeof STORES)[number]): Fault {
  const policy = ['networkpolicy', `platform-${store}`];
  return {
    name: `cut-${store}`,
    strike: async ({ kubectl, place }, { seconds, stop }) => {
      const admit = async (ingress: readonly object[]): Promise<void> => {
        const patch = JSON.stringify({ spec: { ingress } });
        await kubectl.run('-n', place.namespace, 'patch', ...policy, '--type', 'merge', '-p', patch);
      };
      const { spec } = await kubectl.json<PolicyView>('-n', place.namespace, 'get', ...policy);
      try {
        await admit([]);
        await pause(UNTIL_ENFORCED_S + seconds, stop);
      } finally {
        await admit(spec.ingress);
      }
      return [];
    },
  };
}
