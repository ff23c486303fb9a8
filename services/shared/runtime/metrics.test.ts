import { expect, it } from 'vitest';
import { boundedLabel } from './metrics.ts';

it('a bounded label maps values beyond its limit to other', () => {
  const label = boundedLabel(2);
  expect(['a', 'b', 'c', 'a'].map(label)).toEqual(['a', 'b', 'other', 'a']);
});
