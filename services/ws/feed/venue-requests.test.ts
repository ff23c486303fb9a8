import { expect, test } from 'vitest';
import { listingOf, VenueTwin } from '../../../test/faults/venue-twin.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { VenueReplyError } from '../../shared/venue/venue-reply-error.ts';
import { RequestPacer } from '../request-pacer.ts';
import { createVenueRequests } from './venue-requests.ts';

test('the list waits for the end of a pause, also of one that a request on its way lengthens', async () => {
  const [clock, pacer] = [virtualClock(), new RequestPacer()];
  const venue = new VenueTwin([listingOf('XRP/ETH')], {
    streamsPerConnection: 1,
    pingIntervalMs: 1,
    maxConnectionMs: 1,
  });
  venue.depth = async () => {
    await clock.sleep(500);
    throw new VenueReplyError('BadStatus', 'HTTP 418', { retryAfterMs: 60_000 });
  };
  const requests = createVenueRequests({ venue, pacer, clock, signal: new AbortController().signal });
  pacer.pauseUntil(clock.monotonicMs() + 1_000);
  let isRead = false;
  const failing = requests.depth('XRP/ETH').catch(String);
  const reading = requests.listings().then(() => (isRead = true));
  await clock.advance(60_499);
  expect(isRead).toBe(false);
  await clock.advance(1);
  await reading;
  expect([isRead, await failing]).toEqual([true, expect.stringContaining('HTTP 418')]);
});
