import type { Halting } from '../trading-state.ts';
import type { Obstacle } from './obstacle.ts';

const QUOTA = 'no-disruption-budgets';

export function refusedObject({ kubectl, place }: Halting): Obstacle {
  const { namespace, name } = place;
  return {
    name: 'the API server refuses an object of an early tier',
    raise: async () => {
      await kubectl.apply({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: QUOTA, namespace },
        spec: { hard: { 'count/poddisruptionbudgets.policy': '0' } },
      });
      await kubectl.run('-n', namespace, 'delete', 'poddisruptionbudget', `${name}-ws`);
    },
    blocks: /ApplyRefused/,
    remove: async () => {
      await kubectl.run('-n', namespace, 'delete', 'resourcequota', QUOTA, '--ignore-not-found');
    },
  };
}
