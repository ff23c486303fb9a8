import { expect, it } from 'vitest';
import { decisionScope, type DecisionScope, type ObservedRelease } from './active-release.ts';

it.each<[string, ObservedRelease | undefined, DecisionScope]>([
  ['its own release', { epoch: 1, release: 'a', isStale: false }, 'All'],
  ['its own release, which was silent', { epoch: 1, release: 'a', isStale: true }, 'All'],
  ['another release', { epoch: 1, release: 'b', isStale: false }, 'None'],
  ['another release, which is silent', { epoch: 1, release: 'b', isStale: true }, 'Exits'],
  ['no release', undefined, 'Exits'],
])('a process decides, while the active release is %s, accordingly', (_what, active, scope) => {
  expect(decisionScope(active, 'a')).toBe(scope);
});
