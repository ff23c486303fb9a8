import { expect, test } from 'vitest';
import { decideRemedy } from './remedy-rules.ts';

const never = Number.POSITIVE_INFINITY;

test.each([
  [{ remedies: 0, sinceRemedyMs: never }, 'Resubscribe'],
  [{ remedies: 1, sinceRemedyMs: 4_999 }, 'None'],
  [{ remedies: 1, sinceRemedyMs: 5_000 }, 'Resubscribe'],
  [{ remedies: 2, sinceRemedyMs: 9_999 }, 'None'],
  [{ remedies: 2, sinceRemedyMs: 10_000 }, 'Replace'],
  [{ remedies: 3, sinceRemedyMs: 20_000 }, 'Resubscribe'],
  [{ remedies: 50, sinceRemedyMs: 599_999 }, 'None'],
  [{ remedies: 50, sinceRemedyMs: 600_000 }, 'Replace'],
])('decideRemedy(%j) returns %s', (view, remedy) => {
  expect(decideRemedy(view)).toBe(remedy);
});

test('replaces the connection of a channel that stays dead at most five times in an hour', () => {
  let [remedies, lastMs, replaced] = [0, Number.NEGATIVE_INFINITY, 0];
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += 100) {
    const remedy = decideRemedy({ remedies, sinceRemedyMs: nowMs - lastMs });
    if (remedy === 'None') continue;
    remedies += 1;
    lastMs = nowMs;
    if (remedy === 'Replace') replaced += 1;
  }
  expect(replaced).toBeLessThanOrEqual(5);
  expect(replaced).toBeGreaterThanOrEqual(2);
});
