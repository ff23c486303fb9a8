import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualWs } from '../../test/harness/virtual-ws.ts';

let ws: VirtualWs;

beforeEach(() => {
  ws = new VirtualWs({ limits: { maxConnectionMs: 600_000 } });
});
afterEach(async () => {
  await ws.stop();
});

describe('market data', () => {
  test('publishes instruments, book and trades once connected', async () => {
    expect(ws.service.checkFeed().ok).toBe(false);
    await ws.upWithBook();
    ws.venue.trade('XRP/ETH', '1.5', ws.clock.nowMs());
    await ws.clock.advance(100);
    expect(ws.trades).toMatchObject([{ producer: 'ws-test', seq: 1, symbol: 'XRP/ETH', price: '1.5', quantity: '1' }]);
    expect(ws.books.at(-1)).toMatchObject({ symbol: 'XRP/ETH', bids: [['1', '5']], asks: [['2', '7']] });
    expect(ws.instruments.map(({ symbol, tickSize }) => [symbol, tickSize])).toEqual([['XRP/ETH', '0.01']]);
    expect(ws.checks()).toEqual({ redis: 'Ok', connection: 'Ok', feed: 'Ok', instruments: 'Ok' });
  });

  test('conflates books to the newest, at most one per 100 ms, and does not repeat an unchanged book', async () => {
    await ws.upWithBook();
    const before = ws.books.length;
    for (let size = 1; size <= 50; size += 1) {
      ws.venue.change('XRP/ETH', { bid: ['1', String(size)] });
      await ws.clock.advance(10);
    }
    expect(ws.books.length - before).toBeGreaterThanOrEqual(4);
    expect(ws.books.length - before).toBeLessThanOrEqual(6);
    await ws.clock.advance(100);
    expect(ws.books.at(-1)?.bids).toEqual([['1', '50']]);
    const count = ws.books.length;
    await ws.clock.advance(800);
    expect(ws.books.length).toBe(count);
    expect(ws.books.map(({ seq }) => seq)).toEqual(ws.books.map((_, index) => index + 1));
  });

  test('rebuilds the book from a snapshot after a lost diff, and publishes no book until then', async () => {
    await ws.upWithBook();
    ws.venue.change('XRP/ETH', { bid: ['1.5', '9'] }, { lost: true });
    await ws.clock.advance(200);
    const before = ws.books.length;
    ws.venue.depthFailures = 2;
    ws.venue.change('XRP/ETH', { ask: ['2', '8'] });
    expect(ws.service.checkFeed()).toMatchObject({ ok: false, reason: 'BookNotBuilt' });
    await ws.clock.advance(20);
    expect(ws.books.length).toBe(before);
    await ws.clock.advance(4_000);
    expect(ws.books.at(-1)).toMatchObject({ bids: [['1.5', '9'], ['1', '5']], asks: [['2', '8']] }); // prettier-ignore
    expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toContain('reason="Gap"} 1');
    expect(await ws.metric('tradingstack_ws_book_snapshots_failed_total')).toContain('} 2');
  });

  test('discards the book instead of rounding a level that is off the tick size', async () => {
    await ws.upWithBook();
    ws.venue.change('XRP/ETH', { bid: ['1.005', '9'] });
    expect(ws.service.checkFeed().reason).toBe('BookNotBuilt');
    expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toContain('reason="BetweenSteps"} 1');
  });

  test('pings the connection, and reconnects after a cut with a synchronized book', async () => {
    await ws.upWithBook();
    await ws.keepBusy(16_000);
    expect(ws.venue.connections[0]?.pings).toBe(1);
    ws.venue.cut();
    ws.venue.change('XRP/ETH', { bid: ['1', '77'] });
    expect(ws.service.checkConnection()).toMatchObject({ ok: false, reason: 'VenueDisconnected' });
    await ws.keepBusy(3_000);
    expect(ws.checks()).toEqual({ redis: 'Ok', connection: 'Ok', feed: 'Ok', instruments: 'Ok' });
    expect(ws.books.at(-1)?.bids).toEqual([['1', '77']]);
  });

  test('reports an unreachable venue with the cause, and reconnects with backoff', async () => {
    ws.venue.down = true;
    await ws.clock.advance(60_000);
    expect(ws.service.checkConnection()).toMatchObject({
      reason: 'VenueDisconnected',
      message: expect.stringMatching(/refused/),
    });
    const lost = await ws.metric('tradingstack_ws_connections_lost_total');
    expect(Number(/ (\d+)$/.exec(lost)?.[1])).toBeLessThan(30);
    ws.venue.down = false;
    await ws.clock.advance(30_000);
    await ws.upWithBook();
    expect(ws.service.checkConnection().ok).toBe(true);
  });

  test('replaces an old connection without losing or repeating a trade or rebuilding the book', async () => {
    await ws.upWithBook();
    let price = 100;
    let most = 0;
    for (let second = 0; second < 620; second += 1) {
      for (let part = 0; part < 2; part += 1) {
        price += 1;
        ws.venue.trade('XRP/ETH', String(price), ws.clock.nowMs());
        ws.venue.change('XRP/ETH', { bid: ['1', String(price)] });
        await ws.clock.advance(500);
        most = Math.max(most, ws.venue.connections.length);
      }
    }
    expect(most).toBe(2);
    expect(ws.venue.connections.length).toBe(1);
    expect(ws.trades.map((trade) => Number(trade.price))).toEqual(
      Array.from({ length: 1_240 }, (_, index) => 101 + index),
    );
    expect(await ws.metric('tradingstack_ws_book_rebuilds_total')).toBe('');
    expect(await ws.metric('tradingstack_ws_trades_duplicate_total')).toMatch(/} [1-9]/);
  });

  test('buffers trades up to a bound without Redis, drops and counts the rest, and recovers', async () => {
    await ws.upWithBook();
    ws.redisUp = false;
    for (let index = 0; index < 5_100; index += 1) ws.venue.trade('XRP/ETH', '1', ws.clock.nowMs() + index);
    await ws.clock.advance(500);
    expect(ws.service.checkRedis()).toMatchObject({ ok: false, reason: 'Disconnected' });
    expect(ws.service.figures()).toMatchObject({ tradesWaiting: 5_000, tradesDropped: 100 });
    ws.instruments = [];
    ws.redisUp = true;
    await ws.clock.advance(1_000);
    expect(ws.service.checkRedis().ok).toBe(true);
    expect(ws.instruments.length).toBe(1);
    // The gap shows in the sequence numbers.
    expect([ws.trades.length, ws.trades[0]?.seq, ws.trades.at(-1)?.seq]).toEqual([5_000, 101, 5_100]);
  });

  test('keeps unreadable frames with their payload, and still publishes trades', async () => {
    await ws.upWithBook();
    for (let index = 0; index < 200; index += 1) ws.venue.garble(new Uint8Array(3_000).fill(0xab));
    ws.venue.trade('XRP/ETH', '1.5', ws.clock.nowMs());
    await ws.clock.advance(100);
    expect(ws.trades.length).toBe(1);
    expect(ws.frames.length).toBe(120);
    expect(ws.frames[0]).toEqual({
      reason: 'garbled',
      bytes: 3_000,
      payload: 'ab'.repeat(2_048),
      receivedAt: expect.any(Number),
    });
    expect(await ws.metric('tradingstack_ws_dead_letters_total')).toMatch(/"notKept"} 80[^]*"kept"} 120/);
  });
});
