import { afterEach, expect, test } from 'vitest';
import { VenueReplyError } from '../../shared/venue/venue-reply-error.ts';
import { countConnects, VirtualWs, type VirtualWsOptions } from '../../../test/harness/virtual-ws.ts';

let ws: VirtualWs;

function start(options: VirtualWsOptions = {}): void {
  ws = new VirtualWs(options);
}
afterEach(async () => {
  await ws.stop();
});

/** Lets `seconds` pass, and returns those after which the feed was not fresh. */
async function staleSeconds(seconds: number): Promise<readonly string[]> {
  const stale: string[] = [];
  for (let second = 1; second <= seconds; second += 1) {
    await ws.clock.advance(1_000);
    const { reason, message } = ws.service.checkFeed();
    if (reason !== 'Ok') stale.push(`${second} ${message}`);
  }
  return stale;
}

test.each([[2_000], [5_000], [60_000]])(
  'a book that does not change for ten minutes is fresh, with maxFeedAgeMs %i',
  async (maxFeedAgeMs) => {
    start({ maxFeedAgeMs });
    await ws.upWithBook();
    const connects = countConnects(ws.venue);
    const { subscriptions } = ws.venue;
    expect(await staleSeconds(600)).toEqual([]);
    expect({ connects: connects(), subscriptions: ws.venue.subscriptions - subscriptions }).toEqual({
      connects: 0,
      subscriptions: 0,
    });
  },
);

test('repeats the confirmed book, with the same version and the time of the confirmation', async () => {
  start();
  await ws.upWithBook();
  const { version, time } = ws.books.at(-1)!;
  const ages: number[] = [];
  for (let step = 0; step < 600; step += 1) {
    await ws.clock.advance(100);
    ages.push(ws.clock.nowMs() - ws.books.at(-1)!.receivedAt);
  }
  expect(Math.max(...ages)).toBeLessThanOrEqual(1_200);
  expect(ws.books.at(-1)).toMatchObject({ version, time, bids: [['1', '5']], asks: [['2', '7']] });
  expect(ws.books.map(({ seq }) => seq)).toEqual(ws.books.map((_, index) => index + 1));
});

test('dates a confirmation by the request, not by the answer', async () => {
  start({ maxFeedAgeMs: 10_000 });
  await ws.upWithBook();
  const bookVersion = ws.venue.bookVersion.bind(ws.venue);
  const requested: number[] = [];
  ws.venue.bookVersion = async (symbol) => {
    requested.push(ws.clock.nowMs());
    await ws.clock.sleep(1_500);
    return await bookVersion(symbol);
  };
  await ws.clock.advance(7_000);
  expect(requested.length).toBe(1);
  expect(ws.books.at(-1)?.receivedAt).toBe(requested[0]);
});

test('is fresh from the start with a pair that sends no diff, and with one that has no orders', async () => {
  start();
  await ws.clock.advance(1_000);
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
  expect(ws.books.at(-1)).toMatchObject({ bids: [], asks: [] });
  expect(await staleSeconds(120)).toEqual([]);
});

test('is fresh after a cut during which nothing changed', async () => {
  start();
  await ws.upWithBook();
  await ws.clock.advance(60_000);
  ws.venue.cut();
  await ws.clock.advance(3_000);
  expect(ws.venue.connections.length).toBe(1);
  expect(await staleSeconds(120)).toEqual([]);
  expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toBe('');
});

test('fetches the book again when it changed during a cut and no diff followed', async () => {
  start();
  await ws.upWithBook();
  ws.venue.cut();
  ws.venue.change('XRP/ETH', { bid: ['1', '77'] });
  await ws.clock.advance(6_000);
  expect(ws.books.at(-1)?.bids).toEqual([['1', '77']]);
  expect(await staleSeconds(60)).toEqual([]);
});

test('calls no book fresh while no connection is open, whatever REST says', async () => {
  start();
  await ws.upWithBook();
  ws.venue.down = true;
  ws.venue.cut();
  await ws.clock.advance(2_100);
  expect(ws.service.checkFeed()).toMatchObject({ ok: false, reason: 'FeedStale' });
});

test('calls a silent book stale while REST does not answer, and leaves the connection', async () => {
  start();
  await ws.upWithBook();
  const connects = countConnects(ws.venue);
  ws.venue.depthFailures = Number.POSITIVE_INFINITY;
  await ws.clock.advance(60_000);
  expect(ws.service.checkFeed()).toMatchObject({ ok: false, reason: 'FeedStale' });
  expect(await ws.metric('tradingstack_ws_book_verifications_total')).toContain('outcome="Failed"');
  // With backoff up to 10 s.
  expect(ws.venue.requests.bookVersion).toBeLessThan(40);
  expect(connects()).toBe(0);
  ws.venue.depthFailures = 0;
  await ws.clock.advance(11_000);
  expect(await staleSeconds(10)).toEqual([]);
});

test('asks for a snapshot ever less often while the venue refuses it', async () => {
  start();
  ws.venue.depthFailures = Number.POSITIVE_INFINITY;
  for (let second = 0; second < 120; second += 1) {
    ws.venue.change('XRP/ETH', { bid: ['1', String(1 + second)] });
    await ws.clock.advance(1_000);
  }
  expect(ws.venue.requests.depth).toBeLessThan(50);
  expect(ws.service.checkFeed()).toMatchObject({ ok: false, reason: 'BookNotBuilt' });
});

test('takes an older snapshot for no proof', async () => {
  start();
  await ws.upWithBook();
  ws.venue.bookVersion = async () => await Promise.resolve(1n);
  await ws.clock.advance(5_000);
  expect(ws.service.checkFeed()).toMatchObject({ ok: false, reason: 'FeedStale' });
  expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toBe('');
  expect(await ws.metric('tradingstack_ws_book_verifications_total')).toContain('outcome="Unproven"');
});

test('takes changes that are on their way for no dead channel', async () => {
  start();
  await ws.upWithBook();
  const bookVersion = ws.venue.bookVersion.bind(ws.venue);
  // REST is 300 ms ahead of the stream.
  ws.venue.bookVersion = async (symbol) => {
    void ws.clock.sleep(300).then(() => ws.venue.change(symbol, { bid: ['1', '6'] }));
    return (await bookVersion(symbol)) + 1n;
  };
  const { subscriptions } = ws.venue;
  await ws.clock.advance(60_000);
  expect(ws.venue.subscriptions).toBe(subscriptions);
  expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toBe('');
  expect(await ws.metric('tradingstack_ws_book_verifications_total')).toContain('outcome="Behind"');
});

test('resubscribes a dead channel despite pongs, then replaces its connection, and has a current book meanwhile', async () => {
  start();
  await ws.upWithBook();
  const connects = countConnects(ws.venue);
  const { subscriptions } = ws.venue;
  ws.venue.silence('depth');
  await ws.keepBusy(2_500);
  expect(ws.venue.subscriptions).toBe(subscriptions + 1);
  expect(connects()).toBe(0);
  const age = await ws.metric('tradingstack_ws_channel_age_seconds');
  expect(age).toMatch(/symbol="XRP\/ETH",channel="depth"} [01]\.?\d*$/m);
  await ws.keepBusy(20_000);
  // Two resubscriptions did not help; the replacement connection carries data.
  expect(connects()).toBe(1);
  expect(ws.venue.connections.length).toBe(1);
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
  expect(await ws.metric('tradingstack_ws_channel_remedies_total')).toMatch(/Resubscribe"} 2[^]*Replace"} 1/);
});

test('stops asking for as long as the venue wants', async () => {
  start();
  await ws.upWithBook();
  ws.venue.bookVersion = async () => {
    ws.venue.requests.bookVersion += 1;
    return await Promise.reject(new VenueReplyError('BadStatus', '429', { retryAfterMs: 30_000 }));
  };
  await ws.clock.advance(30_000);
  expect(ws.venue.requests.bookVersion).toBe(1);
  await ws.clock.advance(3_000);
  expect(ws.venue.requests.bookVersion).toBe(2);
});

test('keeps 30 quiet pairs fresh, with at most 250 requests in ten seconds', async () => {
  const symbols = Array.from({ length: 30 }, (_, index) => `A${index}/ETH`);
  start({ symbols });
  await ws.clock.advance(3_000);
  const connects = countConnects(ws.venue);
  let most = 0;
  for (let part = 0; part < 6; part += 1) {
    const before = ws.venue.requests.bookVersion + ws.venue.requests.trades;
    expect(await staleSeconds(10)).toEqual([]);
    most = Math.max(most, ws.venue.requests.bookVersion + ws.venue.requests.trades - before);
  }
  expect(most).toBeLessThanOrEqual(260);
  expect(connects()).toBe(0);
});
