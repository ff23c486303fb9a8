import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listingOf, VenueTwin } from '../../test/faults/venue-twin.ts';
import { virtualClock, type VirtualClock } from '../../test/harness/virtual-clock.ts';
import type { BookPayload } from '../shared/contracts/messages/book.ts';
import type { InstrumentPayload } from '../shared/contracts/messages/instrument.ts';
import type { TradePayload } from '../shared/contracts/messages/trade.ts';
import type { UnreadFrame } from '../shared/venue/unread-frames.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import { failed, OK } from '../shared/runtime/health.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createWsMetrics } from './metrics.ts';
import { WsService } from './service.ts';

const limits = { streamsPerConnection: 30, pingIntervalMs: 15_000, maxConnectionMs: 600_000 };
const log = createLogger({ name: 'test', level: 'silent' });

let clock: VirtualClock;
let venue: VenueTwin;
let redisUp: boolean;
let trades: TradePayload[];
let books: BookPayload[];
let instruments: InstrumentPayload[];
let frames: UnreadFrame[];
let registry: Registry;
let service: WsService;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = virtualClock();
  venue = new VenueTwin([listingOf('XRP/ETH')], limits);
  begin(['XRP/ETH']);
});

afterEach(async () => {
  stop.abort(new Error('end of test'));
  await running;
});

describe('market data', () => {
  test('publishes instruments, book and trades once connected', async () => {
    expect(service.checkFeed().ok).toBe(false);
    await upWithBook();
    venue.trade('XRP/ETH', '1.5', clock.nowMs());
    await clock.advance(100);
    expect(trades).toMatchObject([{ producer: 'ws-test', seq: 1, symbol: 'XRP/ETH', price: '1.5', quantity: '1' }]);
    expect(books.at(-1)).toMatchObject({ symbol: 'XRP/ETH', bids: [['1', '5']], asks: [['2', '7']] });
    expect(instruments.map(({ symbol, tickSize }) => [symbol, tickSize])).toEqual([['XRP/ETH', '0.01']]);
    expect(checks()).toEqual({ redis: 'Ok', connection: 'Ok', feed: 'Ok', instruments: 'Ok' });
  });

  test('conflates books to the newest, at most one per 100 ms, and does not repeat an unchanged book', async () => {
    await upWithBook();
    const before = books.length;
    for (let size = 1; size <= 50; size += 1) {
      venue.change('XRP/ETH', { bid: ['1', String(size)] });
      await clock.advance(10);
    }
    expect(books.length - before).toBeGreaterThanOrEqual(4);
    expect(books.length - before).toBeLessThanOrEqual(6);
    await clock.advance(100);
    expect(books.at(-1)?.bids).toEqual([['1', '50']]);
    const count = books.length;
    await clock.advance(1_000);
    expect(books.length).toBe(count);
    expect(books.map(({ seq }) => seq)).toEqual(books.map((_, index) => index + 1));
  });

  test('rebuilds the book from a snapshot after a lost diff, and publishes no book until then', async () => {
    await upWithBook();
    venue.change('XRP/ETH', { bid: ['1.5', '9'] }, { lost: true });
    await clock.advance(200);
    const before = books.length;
    venue.depthFailures = 2;
    venue.change('XRP/ETH', { ask: ['2', '8'] });
    expect(service.checkFeed()).toMatchObject({ ok: false, reason: 'BookNotBuilt' });
    await clock.advance(20);
    expect(books.length).toBe(before);
    await clock.advance(4_000);
    expect(books.at(-1)).toMatchObject({ bids: [['1.5', '9'], ['1', '5']], asks: [['2', '8']] }); // prettier-ignore
    expect(await metric('tradingstack_ws_book_rebuilds_total')).toContain('reason="Gap"} 1');
    expect(await metric('tradingstack_ws_book_snapshots_failed_total')).toContain('} 2');
  });

  test('discards the book instead of rounding a level that is off the tick size', async () => {
    await upWithBook();
    venue.change('XRP/ETH', { bid: ['1.005', '9'] });
    expect(service.checkFeed().reason).toBe('BookNotBuilt');
    expect(await metric('tradingstack_ws_book_rebuilds_total')).toContain('reason="BetweenSteps"} 1');
  });

  test('pings the connection, and reconnects after a cut with a synchronized book', async () => {
    await upWithBook();
    await keepBusy(16_000);
    expect(venue.connections[0]?.pings).toBe(1);
    venue.cut();
    venue.change('XRP/ETH', { bid: ['1', '77'] });
    expect(service.checkConnection()).toMatchObject({ ok: false, reason: 'VenueDisconnected' });
    await keepBusy(3_000);
    expect(checks()).toEqual({ redis: 'Ok', connection: 'Ok', feed: 'Ok', instruments: 'Ok' });
    expect(books.at(-1)?.bids).toEqual([['1', '77']]);
  });

  test('reports an unreachable venue with the cause, and reconnects with backoff', async () => {
    venue.down = true;
    await clock.advance(60_000);
    expect(service.checkConnection()).toMatchObject({
      reason: 'VenueDisconnected',
      message: expect.stringMatching(/refused/),
    });
    const lost = await metric('tradingstack_ws_connections_lost_total');
    expect(Number(/ (\d+)$/.exec(lost)?.[1])).toBeLessThan(30);
    venue.down = false;
    await clock.advance(30_000);
    await upWithBook();
    expect(service.checkConnection().ok).toBe(true);
  });

  test('reports a dead channel as stale despite pongs, resubscribes it, then replaces its connection', async () => {
    await upWithBook();
    const before = venue.subscriptions;
    venue.silence('depth');
    await keepBusy(2_500);
    expect(service.checkFeed()).toMatchObject({
      reason: 'FeedStale',
      message: expect.stringMatching(/XRP\/ETH: no depth for 2\d{3} ms/),
    });
    expect(venue.subscriptions).toBe(before + 1);
    const age = await metric('tradingstack_ws_channel_age_seconds');
    expect(age).toMatch(/symbol="XRP\/ETH",channel="depth"} 2\.\d+$/m);
    await keepBusy(6_500);
    // Two resubscriptions did not help; the replacement connection carries data again.
    expect(service.checkFeed().reason).toBe('Ok');
    expect(venue.connections.length).toBe(1);
  });

  test('replaces an old connection without losing or repeating a trade or rebuilding the book', async () => {
    await upWithBook();
    let price = 100;
    let most = 0;
    for (let second = 0; second < 620; second += 1) {
      for (let part = 0; part < 2; part += 1) {
        price += 1;
        venue.trade('XRP/ETH', String(price), clock.nowMs());
        venue.change('XRP/ETH', { bid: ['1', String(price)] });
        await clock.advance(500);
        most = Math.max(most, venue.connections.length);
      }
    }
    expect(most).toBe(2);
    expect(venue.connections.length).toBe(1);
    expect(trades.map((trade) => Number(trade.price))).toEqual(
      Array.from({ length: 1_240 }, (_, index) => 101 + index),
    );
    expect(await metric('tradingstack_ws_book_rebuilds_total')).toBe('');
    expect(await metric('tradingstack_ws_trades_duplicate_total')).toMatch(/} [1-9]/);
  });

  test('buffers trades up to a bound without Redis, drops and counts the rest, and recovers', async () => {
    await upWithBook();
    redisUp = false;
    for (let index = 0; index < 5_100; index += 1) venue.trade('XRP/ETH', '1', clock.nowMs() + index);
    await clock.advance(500);
    expect(service.checkRedis()).toMatchObject({ ok: false, reason: 'Disconnected' });
    expect(service.figures()).toMatchObject({ tradesWaiting: 5_000, tradesDropped: 100 });
    instruments = [];
    redisUp = true;
    await clock.advance(1_000);
    expect(service.checkRedis().ok).toBe(true);
    expect(instruments.length).toBe(1);
    // The gap shows in the sequence numbers.
    expect([trades.length, trades[0]?.seq, trades.at(-1)?.seq]).toEqual([5_000, 101, 5_100]);
  });

  test('keeps unreadable frames with their payload, and still publishes trades', async () => {
    await upWithBook();
    for (let index = 0; index < 200; index += 1) venue.garble(new Uint8Array(3_000).fill(0xab));
    venue.trade('XRP/ETH', '1.5', clock.nowMs());
    await clock.advance(100);
    expect(trades.length).toBe(1);
    expect(frames.length).toBe(120);
    expect(frames[0]).toEqual({
      reason: 'garbled',
      bytes: 3_000,
      payload: 'ab'.repeat(2_048),
      receivedAt: expect.any(Number),
    });
    expect(await metric('tradingstack_ws_dead_letters_total')).toMatch(/"notKept"} 80[^]*"kept"} 120/);
  });
});

describe('pairs', () => {
  const BOTH = ['XRP/ETH', 'ADA/ETH'];

  test('names an unknown symbol and the field, is ready, and runs the other symbols', async () => {
    await restart(['XRP/ETH', 'XPR/ETH']);
    await upWithBook();
    expect(service.checkInstruments()).toMatchObject({
      ok: true,
      reason: 'SymbolUnknown',
      message: expect.stringMatching(/spec\.instruments.*XPR\/ETH/),
    });
    expect(service.checkFeed()).toMatchObject({ ok: true, reason: 'Ok' });
    // Once the venue lists it, it is subscribed on the same connection, without a restart.
    const [connection] = venue.connections;
    venue.listed = [listingOf('XRP/ETH'), listingOf('XPR/ETH')];
    await keepBusy(310_000);
    expect(service.checkInstruments()).toMatchObject({ ok: true, reason: 'Ok' });
    expect([...(connection?.streams ?? [])].sort()).toContain('depth XPR/ETH');
  });

  test('is not ready when the venue lists no configured symbol', async () => {
    await restart(['XPR/ETH']);
    await clock.advance(1_000);
    expect(checks()).toMatchObject({ connection: 'NotSubscribed', feed: 'FeedStale', instruments: 'SymbolUnknown' });
    expect(readiness()).toBe(false);
  });

  test('serves the other pair without a new connection or a lost trade when one leaves the list', async () => {
    venue.listed = BOTH.map((symbol) => listingOf(symbol));
    await restart(BOTH);
    await upWithBook();
    let sent = 0;
    const unready: string[] = [];
    for (let second = 0; second < 700; second += 1) {
      if (second === 200) venue.listed = [listingOf('XRP/ETH')];
      venue.change('XRP/ETH', { ask: ['2', String(1 + (second % 7))] });
      if (second < 200) venue.change('ADA/ETH', { bid: ['1', String(1 + (second % 7))] });
      venue.trade('XRP/ETH', '1.5', clock.nowMs());
      sent += 1;
      await clock.advance(1_000);
      if (!readiness()) unready.push(`${second} ${JSON.stringify(checks())}`);
    }
    expect({ unready, published: trades.length }).toEqual({ unready: [], published: sent });
    expect(service.checkInstruments().message).toContain('ADA/ETH: the venue does not list it');
    expect(service.figures()).toMatchObject({ 'pair ADA/ETH': expect.stringContaining('SymbolUnknown') });
    expect(service.figures()).not.toHaveProperty('pair XRP/ETH');
    // The rules of a pair that may still be held stay known.
    expect(instruments.map(({ symbol }) => symbol).sort()).toEqual(['ADA/ETH', 'XRP/ETH']);
  });

  test.each(['status 2', 'tradeSideType 3'])('keeps the book of a pair that is closed (%s)', async (reason) => {
    await upWithBook();
    venue.listed = [listingOf('XRP/ETH', { tradable: false, reason })];
    await keepBusy(310_000);
    expect(service.checkInstruments()).toMatchObject({ ok: true, reason: 'SymbolNotTradable' });
    expect(readiness()).toBe(true);
    const before = books.length;
    venue.change('XRP/ETH', { bid: ['1', '99'] });
    await clock.advance(200);
    expect(books.length).toBe(before + 1);
    expect(books.at(-1)?.bids).toEqual([['1', '99']]);
    expect(service.figures()).toMatchObject({ 'pair XRP/ETH': expect.stringContaining(reason) });
  });

  test('subscribes to every pair by a request of its own', async () => {
    venue.listed = BOTH.map((symbol) => listingOf(symbol));
    const requests: number[] = [];
    const connect = venue.connect.bind(venue);
    venue.connect = (listener) => {
      const connection = connect(listener);
      const subscribe = connection.subscribe.bind(connection);
      return {
        ...connection,
        subscribe: (streams) => {
          requests.push(streams.length);
          subscribe(streams);
        },
      };
    };
    await restart(BOTH);
    await clock.advance(100);
    expect(requests).toEqual([2, 2]);
  });

  test('is degraded while one of two connections is lost', async () => {
    venue = new VenueTwin(BOTH.map((symbol) => listingOf(symbol)), { ...limits, streamsPerConnection: 2 }); // prettier-ignore
    await restart(BOTH);
    await upWithBook();
    venue.down = true;
    venue.cut(1);
    await keepBusy(1_000);
    expect(service.checkConnection()).toMatchObject({ ok: true, reason: 'VenueDisconnected' });
    expect(service.checkConnection().message).toContain('1 of 2 connections');
    venue.cut();
    expect(service.checkConnection()).toMatchObject({ ok: false, reason: 'VenueDisconnected' });
  });
});

function begin(symbols: readonly string[]): void {
  redisUp = true;
  trades = [];
  books = [];
  instruments = [];
  frames = [];
  registry = new Registry();
  stop = new AbortController();
  service = new WsService({
    symbols,
    bookLevels: 10,
    maxFeedAgeMs: 2_000,
    producer: 'ws-test',
    venue,
    clock,
    log,
    store: {
      publishTrades: async (batch) => batch.map((trade) => written(() => trades.push(trade))),
      publishBook: async (book) => written(() => books.push(book)),
      putInstruments: async (batch) => {
        instruments = [...batch];
      },
      keepFrame: async (frame) => written(() => frames.push(frame)),
    },
    redisCheck: () => (redisUp ? OK : failed('Disconnected', 'down')),
    metrics: createWsMetrics(registry),
  });
  running = service.run(stop.signal);
}

async function restart(symbols: readonly string[]): Promise<void> {
  stop.abort(new Error('restart'));
  await running;
  begin(symbols);
}

function written(write: () => void): PublishResult {
  if (!redisUp) return { kind: 'refused', reason: 'Disconnected', message: 'down' };
  write();
  return { kind: 'ok', id: '1-1' };
}

async function upWithBook(): Promise<void> {
  await clock.advance(100);
  venue.change('XRP/ETH', { bid: ['1', '5'] });
  venue.change('XRP/ETH', { ask: ['2', '7'] });
  await clock.advance(300);
  expect(service.checkFeed()).toMatchObject({ ok: true });
}

/** Advances the clock in a market whose book moves. */
async function keepBusy(ms: number): Promise<void> {
  for (let elapsed = 0; elapsed < ms; elapsed += 500) {
    venue.change('XRP/ETH', { ask: ['2', String(10 + (elapsed % 7))] });
    await clock.advance(500);
  }
}

/** Whether the process is ready: every check passes. */
function readiness(): boolean {
  const results = [service.checkRedis(), service.checkConnection(), service.checkFeed(), service.checkInstruments()];
  return results.every(({ ok }) => ok);
}

function checks(): Record<string, string> {
  return {
    redis: service.checkRedis().reason,
    connection: service.checkConnection().reason,
    feed: service.checkFeed().reason,
    instruments: service.checkInstruments().reason,
  };
}

async function metric(name: string): Promise<string> {
  const text = await registry.getSingleMetricAsString(name);
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .join('\n');
}
