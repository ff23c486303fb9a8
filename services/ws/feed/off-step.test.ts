import { afterEach, beforeEach, expect, test } from 'vitest';
import { listingOf } from '../../../test/faults/venue-twin.ts';
import { VirtualWs } from '../../../test/harness/virtual-ws.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { VenueReplyError } from '../../shared/venue/venue-reply-error.ts';

// The venue sends levels off the steps of its list of pairs.

let ws: VirtualWs;

beforeEach(async () => {
  ws = new VirtualWs();
  await ws.upWithBook();
});

afterEach(async () => await ws.stop());

test('reads the list soon when a level is off its steps, and says why there is no book meanwhile', async () => {
  await ws.keepBusy(20_000);
  ws.venue.change('XRP/ETH', { bid: ['1.0051', '9'] });
  await ws.keepBusy(1_000);
  // A level that fits its steps.
  ws.venue.change('XRP/ETH', { ask: ['2', '9'] });
  expect(ws.service.checkFeed()).toMatchObject({
    ok: false,
    reason: 'BookNotBuilt',
    message: expect.stringMatching(/off the steps of its list, which is read again: .*1\.0051/),
  });
  const { instrument } = listingOf('XRP/ETH');
  ws.venue.listed = [{ ...listingOf('XRP/ETH'), instrument: { ...instrument, tickSize: parseDecimal('0.0001') } }];
  await ws.keepBusy(20_000);
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
  expect(ws.books.at(-1)?.bids[0]).toEqual(['1.0051', '9']);
  const readings = countReadings();
  await ws.keepBusy(60_000);
  expect(readings()).toBe(0);
  ws.venue.change('XRP/ETH', { bid: ['1.5', '9'] }, { lost: true });
  ws.venue.change('XRP/ETH', { ask: ['2', '8'] });
  expect(ws.service.checkFeed().message).toContain('not in sync with the venue yet');
});

/** Counts the readings of the list from now on. `during` is called in each of them. */
function countReadings(during: (readings: number) => void = () => {}): () => number {
  const listings = ws.venue.listings.bind(ws.venue);
  let readings = 0;
  ws.venue.listings = async () => {
    readings += 1;
    during(readings);
    return await listings();
  };
  return () => readings;
}

test('reads the list once in ten seconds while levels are off its steps', async () => {
  const readings = countReadings();
  for (let second = 0; second < 60; second += 1) {
    ws.venue.change('XRP/ETH', { bid: ['1.0051', String(1 + second)] });
    await ws.clock.advance(1_000);
  }
  expect(readings()).toBeGreaterThanOrEqual(5);
  expect(readings()).toBeLessThanOrEqual(7);
});

test('reads the list again when a level is off its steps while it is being read', async () => {
  const readings = countReadings((count) => {
    if (count === 1) ws.venue.change('XRP/ETH', { bid: ['1.0051', '1'] });
    ws.venue.silence('depth');
    ws.venue.depthFailures = 100;
  });
  await ws.keepBusy(300_000);
  expect(readings()).toBe(1);
  await ws.clock.advance(11_000);
  expect(readings()).toBe(2);
});

test('waits no longer for a list that fails because a level is off its steps', async () => {
  await ws.keepBusy(10_000);
  const readings = countReadings((count) => {
    if (count < 3) throw new Error('HTTP 502');
  });
  for (let second = 0; second < 5; second += 1) {
    ws.venue.change('XRP/ETH', { bid: ['1.0051', String(1 + second)] });
    await ws.clock.advance(1_000);
  }
  expect(readings()).toBe(3);
});

test('sends no request for the list during a pause that the venue demanded', async () => {
  await ws.keepBusy(10_000);
  const banned = new VenueReplyError('BadStatus', 'HTTP 418', { retryAfterMs: 60_000 });
  const readings = countReadings((count) => {
    if (count === 1) throw banned;
  });
  for (let second = 0; second < 55; second += 1) {
    ws.venue.change('XRP/ETH', { bid: ['1.0051', String(1 + second)] });
    await ws.clock.advance(1_000);
  }
  expect(readings()).toBe(1);
  await ws.clock.advance(6_000);
  expect(readings()).toBe(2);
});

test('says no more of a level that was off the steps once it is gone', async () => {
  ws.venue.change('XRP/ETH', { bid: ['1.0051', '9'] });
  await ws.keepBusy(1_000);
  ws.venue.change('XRP/ETH', { bid: ['1.0051', '0'] });
  await ws.keepBusy(20_000);
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
  ws.venue.change('XRP/ETH', { bid: ['1.5', '9'] }, { lost: true });
  ws.venue.change('XRP/ETH', { ask: ['2', '8'] });
  expect(ws.service.checkFeed().message).toContain('not in sync with the venue yet');
});

test('has a book within a second of new steps, however long it had none', async () => {
  ws.venue.change('XRP/ETH', { bid: ['1.0051', '9'] });
  await ws.keepBusy(120_000);
  const { instrument } = listingOf('XRP/ETH');
  const readings = countReadings();
  ws.venue.listed = [{ ...listingOf('XRP/ETH'), instrument: { ...instrument, tickSize: parseDecimal('0.0001') } }];
  while (readings() === 0) await ws.keepBusy(1_000);
  await ws.keepBusy(1_000);
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
});
