import { until } from '../../until.ts';
import { stackStatus, type Halting } from '../trading-state.ts';
import type { Obstacle } from './obstacle.ts';

export function operatorRestart(halting: Halting, operatorNamespace: string): Obstacle {
  const selector = 'app.kubernetes.io/name=tradingstack-operator';
  return {
    name: 'both replicas of the operator restart',
    raise: async () => {
      await halting.kubectl.run('-n', operatorNamespace, 'delete', 'pods', '-l', selector, '--wait=false');
    },
    remove: async () => {
      await until('an operator that observes the stack', async () =>
        (await stackStatus(halting)).current ? true : undefined,
      );
    },
  };
}
