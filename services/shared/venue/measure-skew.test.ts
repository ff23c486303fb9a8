import { expect, it } from 'vitest';
import type { VenueReply } from '../domain/orders/venue-reply.ts';
import { measureSkew } from './measure-skew.ts';

/** A venue whose clock is 100 ms ahead. It reads its clock on receipt of a request; replies take the given times. */
function venueAnsweringIn(...roundTrips: number[]) {
  let nowMs = 1_000_000;
  let requests = 0;
  const ask = async (): Promise<VenueReply<number>> => {
    const value = nowMs + 100;
    nowMs += roundTrips[requests] ?? 0;
    requests += 1;
    return await Promise.resolve({ kind: 'ok', value });
  };
  return { ask, clock: { nowMs: () => nowMs, monotonicMs: () => nowMs }, requests: () => requests };
}

it.each([
  ['accepts one quick reply', [10], 95, 1],
  ['retries after a slow reply', [1_400, 20], 90, 2],
  ['uses the quickest of three slow replies', [1_400, 400, 900], -100, 3],
])('%s', async (_title, roundTrips, skewMs, expectedRequests) => {
  const { ask, clock, requests } = venueAnsweringIn(...roundTrips);
  expect(await measureSkew(ask, clock)).toEqual({ kind: 'ok', value: skewMs });
  expect(requests()).toBe(expectedRequests);
});

it('returns the failure of the venue', async () => {
  const { clock } = venueAnsweringIn();
  const failure = { kind: 'unknown', reason: 'timeout' } as const;
  expect(await measureSkew(async () => await Promise.resolve(failure), clock)).toEqual(failure);
});
