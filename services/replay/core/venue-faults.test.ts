import { describe, expect, it } from 'vitest';
import { calmedVenue, faultyVenue, SOUND_VENUE, type VenueFaults } from './venue-faults.ts';

const DRAWS = Object.keys(SOUND_VENUE) as (keyof VenueFaults)[];
/** Only half of the seeds refuse orders. */
const SEEDS = [1, 2, 3, 4];
const drawn = (faults: VenueFaults, draw: keyof VenueFaults, count = 2_000) =>
  Array.from({ length: count }, () => faults[draw]());

describe('a faulty venue', () => {
  it.each(DRAWS.filter((draw) => draw !== 'foreignBuyAfterMs'))(
    'draws the same %s for the same seed, and others for another',
    (draw) => {
      const first = drawn(faultyVenue(5), draw);
      expect(drawn(faultyVenue(5), draw)).toEqual(first);
      expect(drawn(faultyVenue(6), draw)).not.toEqual(first);
    },
  );

  it.each(DRAWS.filter((draw) => !draw.startsWith('foreign')))('draws a fault and none of %s', (draw) => {
    const values = SEEDS.flatMap((seed) => drawn(faultyVenue(seed), draw));
    const sound = SOUND_VENUE[draw]();
    expect(values.some((value) => value === sound)).toBe(true);
    expect(values.some((value) => value !== sound)).toBe(true);
  });

  it('has somebody else buy early in some seeds, at the same time for the same seed', () => {
    const seeds = Array.from({ length: 300 }, (_, seed) => seed);
    const times = (): readonly (number | undefined)[] => seeds.map((seed) => faultyVenue(seed).foreignBuyAfterMs());
    const buys = times().filter((ms) => ms !== undefined);
    expect(times()).toEqual(times());
    expect(buys.length).toBeGreaterThan(30);
    expect(buys.length).toBeLessThan(60);
    expect(new Set(buys).size).toBeGreaterThan(30);
    expect(buys.filter((ms) => ms < 10_000 || ms > 25_000)).toEqual([]);
  });

  it.each(['limitMs', 'banMs'] as const)('refuses requests for whole seconds: %s', (draw) => {
    const limits = drawn(faultyVenue(2), draw, 20_000).filter((ms) => ms !== undefined);
    expect(new Set(limits)).toEqual(new Set([1_000, 2_000, 3_000]));
  });
});

it('a venue that is calm has no fault, and charges as before', () => {
  for (const draw of DRAWS.filter((one) => one !== 'feeCoin')) {
    const values = SEEDS.flatMap((seed) =>
      drawn(
        calmedVenue(faultyVenue(seed), () => true),
        draw,
      ),
    );
    expect(new Set(values)).toEqual(new Set([SOUND_VENUE[draw]()]));
  }
  const calm = calmedVenue(faultyVenue(1), () => true);
  expect(new Set(drawn(calm, 'feeCoin')).size).toBe(3);
});
