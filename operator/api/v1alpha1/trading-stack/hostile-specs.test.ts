import { expect, it } from 'vitest';
import { hostileResources } from '../../../../test/e2e/hostile-resources.ts';
import { parseSpec } from './trading-stack.ts';

/** Far above what any of them takes, and far below a regular expression that backtracks. */
const MS_MAX = 1_000;

it.each(hostileResources())('the operator itself refuses $what, at once', ({ resource }) => {
  const startedMs = performance.now();
  expect(parseSpec(resource.spec)).toHaveProperty('problem');
  expect(performance.now() - startedMs).toBeLessThan(MS_MAX);
});
