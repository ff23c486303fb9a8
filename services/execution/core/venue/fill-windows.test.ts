import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE, ZERO } from '../../../shared/domain/decimal.ts';
import { newestFills } from '../../../shared/domain/orders/fill-page.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import { afterPage, nextRange, windowsFrom, type FillWindows } from './fill-windows.ts';

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;

function fillAt(time: number, index: number): Fill {
  const ids = { venueTradeId: `T${index}`, venueOrderId: 'V', clientOrderId: '', symbol: 'XRP/ETH' };
  return { ...ids, side: 'buy', price: ONE, quantity: ONE, fee: ZERO, feeAsset: 'ETH', maker: false, time };
}

function fillsAt(times: readonly number[]): readonly Fill[] {
  return times.toSorted((a, b) => a - b).map(fillAt);
}

interface Venue {
  readonly fills: readonly Fill[];
  readonly page: number;
  readonly fromMs: number;
  readonly nowMs: number;
  readonly ends?: readonly number[];
}

/** Reads everything. Returns what was read in its order, the number of requests, and where it ended. */
function readAll({ fills, page, fromMs, nowMs, ends }: Venue) {
  const read: Fill[] = [];
  let windows: FillWindows = windowsFrom(fromMs, ends);
  for (let requests = 1; requests <= 100_000; requests += 1) {
    const range = nextRange(windows, nowMs);
    const listed = newestFills(fills, range, page);
    const after = afterPage(windows, { range, page: listed, nowMs });
    if (listed.complete) read.push(...listed.fills);
    if (after.kind === 'End') return { read, requests, crowdedMs: undefined };
    if (after.kind === 'Crowded') return { read, requests, crowdedMs: after.atMs };
    windows = after.windows;
  }
  throw new Error('the walk does not end');
}

const bits = (ms: number): number => Math.ceil(Math.log2(ms + 2));

/** Bursts of fills with gaps of every size between them, at most `page - 1` fills in a millisecond. */
const anyVenue = tuple(
  constantFrom(3, 5, 20, 100),
  array(tuple(integer({ min: 0, max: 32 }), integer({ min: 1, max: 250 }), integer({ min: 0, max: 12 })), {
    maxLength: 12,
  }),
  constantFrom(-DAY_MS, -1, 0, 1, DAY_MS),
).map(([page, bursts, aheadMs]): Venue => {
  let time = 1_000;
  const times = bursts.flatMap(([gapBits, count, stepBits]) => {
    time += 2 ** gapBits;
    return Array.from({ length: count }, (_, index) => {
      if (index % (page - 1) === page - 2) time += 2 ** stepBits;
      return time;
    });
  });
  const crowds = new Map<number, number>();
  const kept = times.filter((at) => {
    crowds.set(at, (crowds.get(at) ?? 0) + 1);
    return (crowds.get(at) ?? 0) < page;
  });
  // The clock of this process may be behind the venue's, or ahead of it.
  return { fills: fillsAt(kept), page, fromMs: 500, nowMs: Math.max(0, time + aheadMs) };
});

describe('the windows in which fills are read', () => {
  it('return every fill once, oldest first, whatever their times, the size of a page and the clock', () => {
    assert(
      property(anyVenue, (venue) => {
        const { read, requests, crowdedMs } = readAll(venue);
        expect([read, crowdedMs]).toEqual([venue.fills, undefined]);
        const { fills, page, fromMs, nowMs } = venue;
        const rangeMs = Math.max(0, Math.max(nowMs, fills.at(-1)?.time ?? 0) - fromMs);
        // Each burst among long gaps must be searched for, and each search finds a third of a page.
        expect(requests).toBeLessThanOrEqual(((3 * fills.length) / page + 1) * (2 * bits(rangeMs) + 2));
      }),
      { numRuns: 500 },
    );
  });

  it('return every fill once, oldest first, wherever the first ranges end', () => {
    const anyEnds = array(integer({ min: 0, max: 100 }), { maxLength: 30 });
    assert(
      property(anyVenue, anyEnds, (venue, percents) => {
        const { fills, page, fromMs, nowMs } = venue;
        const lastMs = Math.max(fromMs, fills.at(-1)?.time ?? 0);
        const ends = percents
          .map((percent) => Math.floor((lastMs * percent) / 100))
          .toSorted((earlier, later) => earlier - later);
        const { read, requests, crowdedMs } = readAll({ ...venue, ends });
        expect([read, crowdedMs]).toEqual([fills, undefined]);
        const rangeMs = Math.max(0, Math.max(nowMs, lastMs) - fromMs);
        const searched = ((3 * fills.length) / page + 1) * (2 * bits(rangeMs) + 2);
        expect(requests).toBeLessThanOrEqual(ends.length + searched);
      }),
      { numRuns: 500 },
    );
  });

  it('take one request for each range that was known to fit a page', () => {
    const fills = fillsAt(Array.from({ length: 1_200 }, (_, index) => DAY_MS + index * 50));
    const ends = fills.flatMap(({ time }, index) => (index % 80 === 79 ? [time] : []));
    expect(readAll({ fills, page: 100, fromMs: 0, nowMs: 2 * DAY_MS, ends })).toMatchObject({
      read: fills,
      requests: 16,
    });
  });

  it('take one request where all fits a page', () => {
    const fills = fillsAt([5, 5, MONTH_MS]);
    expect(readAll({ fills, page: 100, fromMs: 0, nowMs: MONTH_MS })).toMatchObject({ read: fills, requests: 1 });
  });

  it.each<[string, number, (index: number) => number]>([
    ['evenly over ten hours', 25_000, (index) => index * 1_440],
    ['evenly over a month', 25_000, (index) => index * 103_680],
    ['seven in each millisecond', 25_000, (index) => Math.floor(index / 7) * 10_080],
    ['ninety in each millisecond', 12_000, (index) => Math.floor(index / 90) * 1_000],
    ['within a minute, at the end of a month', 12_000, (index) => MONTH_MS + index * 5],
    ['within a minute, at the beginning of a month', 12_000, (index) => (index < 11_999 ? index * 5 : MONTH_MS)],
  ])('need about four requests a page at most: %s', (_title, count, timeOf) => {
    const fills = fillsAt(Array.from({ length: count }, (_, index) => timeOf(index)));
    const nowMs = (fills.at(-1)?.time ?? 0) + 60_000;
    const { read, requests } = readAll({ fills, page: 100, fromMs: 0, nowMs });
    expect(read).toEqual(fills);
    expect(requests).toBeLessThanOrEqual((4 * count) / 100 + 2 * bits(nowMs));
  });

  it('need a request for each halving to find a burst after a long gap, and one for each doubling to leave it', () => {
    const times = Array.from({ length: 50 * 150 }, (_, index) => Math.floor(index / 150) * 3_600_000 + (index % 150));
    const fills = fillsAt(times);
    const { read, requests } = readAll({ fills, page: 100, fromMs: 0, nowMs: 50 * 3_600_000 });
    expect(read).toEqual(fills);
    expect(requests).toBeLessThanOrEqual(50 * (2 * (bits(3_600_000) - bits(150)) + 6));
  });

  it('end at a millisecond that has a page of fills, after all that are older', () => {
    const older = fillsAt(Array.from({ length: 250 }, (_, index) => index));
    const crowd = Array.from({ length: 100 }, (_, index) => fillAt(1_000, 1_000 + index));
    const fills = [...older, ...crowd, fillAt(1_001, 2_000)];
    expect(readAll({ fills, page: 100, fromMs: 0, nowMs: DAY_MS })).toMatchObject({ read: older, crowdedMs: 1_000 });
    // Whether or not it is the present one.
    for (const nowMs of [0, 1_000, 1_001])
      expect(readAll({ fills: crowd, page: 100, fromMs: 1_000, nowMs })).toMatchObject({ read: [], crowdedMs: 1_000 });
  });
});
