import { expect, it } from 'vitest';
import { chooseCluster } from './choose-cluster.ts';

it.each([
  ['a named context comes first', { context: 'prod' }, true, 'context'],
  ['a named context, without docker', { context: 'prod' }, false, 'context'],
  ['kind where docker answers', {}, true, 'kind'],
  ['embedded otherwise', {}, false, 'embedded'],
  ['embedded by wish, with docker', { cluster: 'embedded' }, true, 'embedded'],
  ['kind by wish', { cluster: 'kind' }, false, 'kind'],
] as const)('%s', (_, request, docker, expected) => {
  expect(chooseCluster(request, docker)).toBe(expected);
});

it('refuses what it does not know, and two answers to one question', () => {
  expect(() => chooseCluster({ cluster: 'minikube' }, true)).toThrow('only kind and embedded');
  expect(() => chooseCluster({ context: 'prod', cluster: 'kind' }, true)).toThrow('leave --cluster kind out');
});
