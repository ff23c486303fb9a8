import { expect, it } from 'vitest';
import { startsOf, swapRequestOf } from './swap-options.ts';

const KNOWN = ['recreate', 'argo-rollouts'];

it('measures everything by default, and what is named otherwise', () => {
  expect(swapRequestOf({}, KNOWN)).toEqual({
    places: ['processes', 'cluster'],
    peers: KNOWN,
    swaps: 50,
    peerSwaps: 50,
    pauseMs: 16_000,
    keepOperator: false,
  });
  const given = { swaps: '3', pause: '1', on: ['processes'], peer: ['none'], 'peer-swaps': '2', 'keep-operator': true };
  expect(swapRequestOf(given, KNOWN)).toEqual({
    places: ['processes'],
    peers: [],
    swaps: 3,
    peerSwaps: 2,
    pauseMs: 1_000,
    keepOperator: true,
  });
});

it('swaps a peer as often as the operator swaps, unless another number is given', () => {
  expect(swapRequestOf({ swaps: '7' }, KNOWN).peerSwaps).toBe(7);
});

it.each([
  [{ swaps: '0' }, /^--swaps is "0"/],
  [{ 'peer-swaps': 'many' }, /^--peer-swaps is "many"/],
  [{ pause: '1.5' }, /^--pause is "1.5"/],
  [{ on: ['moon'] }, /^--on is moon; may be processes, cluster, none$/],
  [{ peer: ['rain'] }, /^--peer is rain; may be recreate, argo-rollouts, none$/],
])('rejects %j and says what is wrong', (values, message) => {
  expect(() => swapRequestOf(values, KNOWN)).toThrow(message);
});

it('starts the first version of each group cold', () => {
  expect(startsOf(5, 4)).toEqual(['cold', 'warm', 'warm', 'warm', 'cold']);
  expect(startsOf(2, 1)).toEqual(['cold', 'cold']);
});
