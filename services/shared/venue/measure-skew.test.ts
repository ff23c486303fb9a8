import { expect, it } from 'vitest';
import type { VenueReply } from '../domain/venue-reply.ts';
import { measureSkew } from './measure-skew.ts';

/** A venue whose clock is 100 ms ahead; it looks at it as soon as it is asked, and its answers take these times. */
function venueAnsweringIn(...roundTrips: number[]) {
  let nowMs = 1_000_000;
  let asked = 0;
  const ask = async (): Promise<VenueReply<number>> => {
    const value = nowMs + 100;
    nowMs += roundTrips[asked] ?? 0;
    asked += 1;
    return await Promise.resolve({ kind: 'ok', value });
  };
  return { ask, clock: { nowMs: () => nowMs, monotonicMs: () => nowMs }, asked: () => asked };
}

it.each([
  ['one quick answer', [10], 95, 1],
  ['a slow answer, then a quick one', [1_400, 20], 90, 2],
  ['the quickest of three slow ones', [1_400, 400, 900], -100, 3],
])('counts %s', async (_what, roundTrips, skewMs, questions) => {
  const { ask, clock, asked } = venueAnsweringIn(...roundTrips);
  expect(await measureSkew(ask, clock)).toEqual({ kind: 'ok', value: skewMs });
  expect(asked()).toBe(questions);
});

it('gives on that the venue does not tell', async () => {
  const { clock } = venueAnsweringIn();
  const failure = { kind: 'unknown', reason: 'time-out' } as const;
  expect(await measureSkew(async () => await Promise.resolve(failure), clock)).toEqual(failure);
});
