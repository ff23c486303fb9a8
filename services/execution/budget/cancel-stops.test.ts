import { beforeEach, expect, it } from 'vitest';
import { CancelStops } from './cancel-stops.ts';

const HOUR_MS = 3_600_000;
let stops: CancelStops;

beforeEach(() => {
  stops = new CancelStops();
});

/** Refusals, each with its time and the limit that it names, and the stops that follow. */
it.each<[string, readonly (readonly [nowMs: number, retryAfterMs: number, stopMs: number])[]]>([
  ['until an end that is near', [[0, 120_000, 120_000]]],
  ['for a minute before one that is not', [[0, 120_001, 60_000]]],
  [
    'for ten times as long after each stop that was cut short, and at most until the end',
    [
      [0, 5 * HOUR_MS, 60_000],
      [60_000, 5 * HOUR_MS, 600_000],
      [660_000, 5 * HOUR_MS, 6_000_000],
      [6_660_000, 3 * HOUR_MS, 3 * HOUR_MS],
    ],
  ],
  [
    'once for several that are refused at about the same time',
    [
      [0, HOUR_MS, 60_000],
      [100, HOUR_MS, 60_000],
      [60_100, HOUR_MS, 600_000],
      [60_200, HOUR_MS, 600_000],
    ],
  ],
  [
    'once also where one of them names a short limit',
    [
      [0, HOUR_MS, 60_000],
      [100, 1_000, 1_000],
      [2_000, HOUR_MS, 60_000],
    ],
  ],
  [
    'for a minute after short limits, which were not cut',
    [
      [0, 1_000, 1_000],
      [1_000, 1_000, 1_000],
      [2_000, 5 * HOUR_MS, 60_000],
    ],
  ],
  [
    'for a minute where the first of a burst names a short limit, and the last one comes after that',
    [
      [0, 1_000, 1_000],
      [100, 5 * HOUR_MS, 60_000],
      [1_200, 5 * HOUR_MS, 60_000],
    ],
  ],
])('a limit stops cancellations %s', (_what, refusals) => {
  expect(refusals.map(([nowMs, retryAfterMs]) => stops.stopFor(retryAfterMs, nowMs))).toEqual(
    refusals.map(([, , stopMs]) => stopMs),
  );
});

it('a limit stops them as the first one after the stops before it are forgotten', () => {
  stops.stopFor(HOUR_MS, 0);
  stops.forget();
  expect([stops.stopFor(HOUR_MS, 1_000), stops.stopFor(HOUR_MS, 61_000)]).toEqual([60_000, 600_000]);
});
