import { expect, it } from 'vitest';
import { PLANTS } from './plants.ts';
import { renderedStacks, renderStack } from './rendered-stacks.ts';
import { SECURITY_CHECKS, securityProblems } from './security-checks.ts';

it('finds nothing in what the operator renders, with any options', () => {
  const problems = [...renderedStacks()].flatMap(([change, objects]) =>
    securityProblems(objects).map((problem) => `${problem} with ${change}`),
  );
  expect(problems).toEqual([]);
});

it.each(SECURITY_CHECKS)('$id finds a planted defect', ({ id, offenders }) => {
  const objects = renderStack();
  expect(offenders(objects)).toEqual([]);
  PLANTS[id]?.(objects);
  expect(offenders(objects)).not.toEqual([]);
});
