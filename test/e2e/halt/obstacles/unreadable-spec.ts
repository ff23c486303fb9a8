import { patchSpec } from '../halt-sources.ts';
import { stackSpec, type Halting, type StackSpec } from '../trading-state.ts';
import type { Obstacle } from './obstacle.ts';

/** The rule of the CRD compares the amounts as floating-point numbers, and the operator to the last digit. */
export function unreadableSpec(halting: Halting): Obstacle {
  let strategies: StackSpec['strategies'] | undefined;
  return {
    name: 'the operator cannot read the spec',
    raise: async () => {
      const { strategies: before } = await stackSpec(halting);
      strategies = before;
      const [first, ...others] = before;
      await patchSpec(halting, { strategies: [{ ...first, orderNotional: '0.500000000000000001' }, ...others] });
    },
    blocks: /InvalidSpec/,
    remove: async () => {
      if (strategies !== undefined) await patchSpec(halting, { strategies });
    },
  };
}
