import { afterEach, expect, test } from 'vitest';
import { listingOf } from '../../../test/faults/venue-twin.ts';
import { countConnects, VirtualWs, type VirtualWsOptions } from '../../../test/harness/virtual-ws.ts';

const BOTH = ['XRP/ETH', 'ADA/ETH'];
let ws: VirtualWs;

function start(options: VirtualWsOptions): void {
  ws = new VirtualWs(options);
}
afterEach(async () => {
  await ws.stop();
});

test('names an unknown symbol and the field, is ready, and runs the other symbols', async () => {
  start({ symbols: ['XRP/ETH', 'XPR/ETH'], listed: ['XRP/ETH'] });
  await ws.upWithBook();
  expect(ws.service.checkInstruments()).toMatchObject({
    ok: true,
    reason: 'SymbolUnknown',
    message: expect.stringMatching(/spec\.instruments.*XPR\/ETH/),
  });
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
  // Once the venue lists it, it is subscribed on the same connection, without a restart.
  const [connection] = ws.venue.connections;
  const connects = countConnects(ws.venue);
  ws.venue.listed = [listingOf('XRP/ETH'), listingOf('XPR/ETH')];
  await ws.keepBusy(310_000);
  expect(ws.checks()).toEqual({ redis: 'Ok', connection: 'Ok', feed: 'Ok', instruments: 'Ok' });
  expect(connects()).toBe(0);
  expect([...(connection?.streams ?? [])].sort()).toContain('depth XPR/ETH');
});

test('is not ready when the venue lists no configured symbol', async () => {
  start({ symbols: ['XPR/ETH'], listed: [] });
  await ws.clock.advance(1_000);
  expect(ws.checks()).toMatchObject({ connection: 'NotSubscribed', feed: 'FeedStale', instruments: 'SymbolUnknown' });
  expect(ws.isReady()).toBe(false);
});

test('serves the other pair without a new connection or a lost trade when one leaves the list', async () => {
  start({ symbols: BOTH });
  await ws.upWithBook(...BOTH);
  const connects = countConnects(ws.venue);
  let sent = 0;
  const unready: string[] = [];
  for (let second = 0; second < 700; second += 1) {
    if (second === 200) {
      ws.venue.listed = [listingOf('XRP/ETH')];
      ws.venue.forget('ADA/ETH');
    }
    ws.venue.change('XRP/ETH', { ask: ['2', String(1 + (second % 7))] });
    if (second < 200) ws.venue.change('ADA/ETH', { bid: ['1', String(1 + (second % 7))] });
    ws.venue.trade('XRP/ETH', '1.5', ws.clock.nowMs());
    sent += 1;
    await ws.clock.advance(1_000);
    if (!ws.isReady()) unready.push(`${second} ${JSON.stringify(ws.checks())}`);
  }
  expect({ unready, connects: connects(), published: ws.trades.length }).toEqual({
    unready: [],
    connects: 0,
    published: sent,
  });
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'FeedStale' });
  expect(ws.service.checkInstruments().message).toContain('ADA/ETH: the venue does not list it');
  expect(ws.service.figures()).toMatchObject({
    'pair ADA/ETH': expect.stringMatching(/^FeedStale: .*; SymbolUnknown: /),
  });
  expect(ws.service.figures()).not.toHaveProperty('pair XRP/ETH');
  // The rules of a pair that may still be held stay known.
  expect(ws.instruments.map(({ symbol }) => symbol).sort()).toEqual(['ADA/ETH', 'XRP/ETH']);
});

test('asks the venue ever less often for a pair that it does not know any more', async () => {
  start({ symbols: BOTH });
  await ws.upWithBook(...BOTH);
  ws.venue.listed = [listingOf('XRP/ETH')];
  ws.venue.forget('ADA/ETH');
  await ws.keepBusy(60_000);
  const { bookVersion, trades } = ws.venue.requests;
  await ws.keepBusy(600_000);
  // The version each 10 s at most; the list of trades, with its retries, each 70 s.
  expect(ws.venue.requests.bookVersion - bookVersion).toBeLessThan(180);
  expect(ws.venue.requests.trades - trades).toBeLessThan(100);
});

test('reconnects nothing for a pair off the list whose channels are silent, and keeps its book current by REST', async () => {
  start({ symbols: BOTH });
  await ws.upWithBook(...BOTH);
  ws.venue.listed = [listingOf('XRP/ETH')];
  await ws.keepBusy(310_000);
  const connects = countConnects(ws.venue);
  const { subscriptions } = ws.venue;
  ws.venue.silence('depth', 'ADA/ETH');
  ws.venue.silence('trades', 'ADA/ETH');
  for (let minute = 1; minute <= 5; minute += 1) {
    ws.venue.change('ADA/ETH', { bid: ['1', String(minute)] });
    ws.venue.trade('ADA/ETH', '1.5', ws.clock.nowMs());
    await ws.keepBusy(60_000);
    expect(ws.books.findLast(({ symbol }) => symbol === 'ADA/ETH')?.bids).toEqual([['1', String(minute)]]);
  }
  expect({ connects: connects(), subscriptions: ws.venue.subscriptions - subscriptions }).toEqual({
    connects: 0,
    subscriptions: 0,
  });
});

test('serves a pair again that returns to the list', async () => {
  start({ symbols: BOTH });
  await ws.upWithBook(...BOTH);
  const connects = countConnects(ws.venue);
  ws.venue.listed = [listingOf('XRP/ETH')];
  ws.venue.silence('depth', 'ADA/ETH');
  await ws.keepBusy(600_000);
  ws.venue.listed = BOTH.map((symbol) => listingOf(symbol));
  ws.venue.change('ADA/ETH', { bid: ['1', '77'] });
  await ws.keepBusy(310_000);
  expect(ws.checks()).toEqual({ redis: 'Ok', connection: 'Ok', feed: 'Ok', instruments: 'Ok' });
  expect(ws.books.findLast(({ symbol }) => symbol === 'ADA/ETH')?.bids).toEqual([['1', '77']]);
  expect(connects()).toBe(0);
});

test.each(['status 2', 'tradeSideType 3'])('keeps the book of a pair that is closed (%s)', async (reason) => {
  start({});
  await ws.upWithBook();
  ws.venue.listed = [listingOf('XRP/ETH', { tradable: false, reason })];
  await ws.keepBusy(310_000);
  expect(ws.service.checkInstruments()).toMatchObject({ ok: true, reason: 'SymbolNotTradable' });
  expect(ws.isReady()).toBe(true);
  const before = ws.books.length;
  ws.venue.change('XRP/ETH', { bid: ['1', '99'] });
  await ws.clock.advance(200);
  expect(ws.books.length).toBe(before + 1);
  expect(ws.books.at(-1)?.bids).toEqual([['1', '99']]);
  expect(ws.service.figures()).toMatchObject({ 'pair XRP/ETH': expect.stringContaining(reason) });
});

test('takes new steps of the venue without beginning the sequence of trades again', async () => {
  start({});
  await ws.upWithBook();
  ws.venue.trade('XRP/ETH', '1.5', ws.clock.nowMs());
  const { instrument } = listingOf('XRP/ETH');
  ws.venue.listed = [{ ...listingOf('XRP/ETH'), instrument: { ...instrument, tickSize: instrument.lotSize } }];
  await ws.keepBusy(310_000);
  ws.venue.trade('XRP/ETH', '2', ws.clock.nowMs());
  await ws.keepBusy(1_000);
  expect(ws.trades.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(ws.books.map(({ seq }) => seq)).toEqual(ws.books.map((_, index) => index + 1));
  expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toContain('reason="StepsChanged"} 1');
  expect(ws.service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
});
