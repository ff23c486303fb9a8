import { describe, expect, it } from 'vitest';
import { stuckStates } from './ends.ts';
import { RULES } from './rules.ts';
import { Exploration } from './search.ts';
import { firstWorld, type Bounds } from './world.ts';

/** Half a minute on an idle core; a busy machine may take many times as long. */
const PATIENCE_MS = 900_000;

// Two operators and two colours. Each is explored to its end: all bounds at once would be too many states.
describe.each<[string, Bounds]>([
  ['two orders in three epochs', { orders: 2, faults: 0, changes: 0, epochs: 3 }],
  ['a fault at any step, and two orders', { orders: 2, faults: 1, changes: 0, epochs: 2 }],
  ['a fault at any step, in three epochs', { orders: 1, faults: 1, changes: 0, epochs: 3 }],
  ['a change of mind at any step, in three epochs', { orders: 1, faults: 0, changes: 1, epochs: 3 }],
])('the fenced swap with %s', (name, bounds) => {
  it(
    'has one sender at a time, in every state, and can always come to its end',
    () => {
      const { epochs } = bounds;
      const search = new Exploration({ first: firstWorld(bounds), rules: RULES, epochs }).run();
      const { stuck, unjudged } = stuckStates(search);
      const { states, steps, depth } = search;
      process.stdout.write(
        `${name}: ${states} states, ${steps} steps, depth ${depth}, ${unjudged} need a later epoch\n`,
      );
      expect(search.broken?.trace ?? []).toEqual([]);
      expect(stuck).toEqual([]);
      expect(search.sending.length).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
});
