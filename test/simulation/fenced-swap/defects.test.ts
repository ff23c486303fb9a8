import { describe, expect, it } from 'vitest';
import { DEFECTS } from './defects.ts';
import { RULES } from './rules.ts';
import { Exploration } from './search.ts';
import { firstWorld, type Bounds } from './world.ts';

const PATIENCE_MS = 900_000;
const SMALL: Bounds = { orders: 2, faults: 0, changes: 0, epochs: 2 };

// The model is only useful if it finds the rules that it exists for.
describe('the fenced swap without one of its rules', () => {
  it.each(DEFECTS)(
    'breaks "$breaks" with $name',
    ({ change, breaks, bounds = {} }) => {
      const all = { ...SMALL, ...bounds };
      const rules = { ...RULES, ...change };
      const isSought = (broken: string): boolean => broken.startsWith(`${breaks}:`);
      const { broken } = new Exploration({ first: firstWorld(all), rules, epochs: all.epochs, isSought }).run();
      process.stdout.write(`${broken?.trace.join('\n') ?? 'nothing is broken'}\n\n`);
      expect(broken?.invariant).toMatch(new RegExp(`^${breaks}: `));
    },
    PATIENCE_MS,
  );
});
