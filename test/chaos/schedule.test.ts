import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { strikesOf, type Strike } from './schedule.ts';

const faults = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function draw(seed: number, count: number, from = faults): readonly Strike[] {
  return strikesOf(from, seed).take(count).toArray();
}

it('draws the same strikes for the same seed, and others for another', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(draw(seed, 30)).toEqual(draw(seed, 30));
    }),
  );
  expect(draw(1, 30)).not.toEqual(draw(2, 30));
});

it('draws every fault once in each round', () => {
  const names = (strikes: readonly Strike[]) => strikes.map(({ fault }) => fault).toSorted();
  fc.assert(
    fc.property(seeds, (seed) => {
      const strikes = draw(seed, 2 * faults.length);
      expect(names(strikes.slice(0, faults.length))).toEqual(faults);
      expect(names(strikes.slice(faults.length))).toEqual(faults);
    }),
  );
});

it('orders each round differently', () => {
  const orders = draw(1, 10 * faults.length).map(({ fault }) => fault);
  const rounds = Array.from({ length: 10 }, (_, round) =>
    orders.slice(round * faults.length, (round + 1) * faults.length),
  );
  expect(new Set(rounds.map((round) => round.join())).size).toBeGreaterThan(5);
});

it('keeps a fault up for 3 to 15 whole seconds, both included', () => {
  const seconds = draw(1, 2_000).map((strike) => strike.seconds);
  expect(new Set(seconds).size).toBe(13);
  expect([Math.min(...seconds), Math.max(...seconds)]).toEqual([3, 15]);
});

it('refuses to draw from nothing', () => {
  expect(() => draw(1, 1, [])).toThrow('no faults');
});
