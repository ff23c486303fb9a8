import { expect, it } from 'vitest';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { renderRelease } from './render-release.ts';
import { withReplicasOf } from './with-replicas.ts';

const one = renderRelease(stackContext(), new Map());
const scaled = renderRelease(
  stackContext({ services: { 'db-writer': { replicas: 3 } }, release: { image: 'example.com/tradingstack:2' } }),
  new Map(),
);

it('takes the numbers of pods of another release, and nothing else', () => {
  const wanted = renderRelease(stackContext({ services: { 'db-writer': { replicas: 3 } } }), new Map());
  const result = withReplicasOf(one, scaled);
  expect(result).toEqual(wanted);
  expect(result.hash).toBe(one.hash);
});

it('is the release itself where they are the same', () => {
  expect(withReplicasOf(one, one)).toEqual(one);
});
