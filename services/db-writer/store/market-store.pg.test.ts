import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookMessage } from '../../shared/contracts/messages/book.ts';
import { signalMessage } from '../../shared/contracts/messages/signal.ts';
import { tradeMessage } from '../../shared/contracts/messages/trade.ts';
import { createPool } from '../../shared/postgres/pool.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/stores/test-database.ts';
import { createRetention } from '../retention.ts';
import type { MarketStore } from '../ports.ts';
import { createMarketStore } from './market-store.ts';

const NOW = 1_800_000_000_000;
const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
let store: MarketStore;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  // Connects with the role of the service: its grants are part of the test.
  pool = createPool({ ...database.as('db_writer'), applicationName: 'db-writer', log });
  store = createMarketStore(pool, 'demo-1');
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

test('stores the top of a book to the last digit, an empty side as null, and a repeated book once', async () => {
  const fixed = { producer: 'p', symbol: 'XRP/ETH', version: '18446744073709551615', time: NOW, receivedAt: NOW + 5 };
  const full = bookMessage.parse({ ...fixed, seq: 1, bids: [['0.00141342', '23.1']], asks: [['0.00141343', '7']] });
  const empty = bookMessage.parse({ ...fixed, seq: 2, bids: [], asks: [['0.00141343', '7']] });
  expect(await store.insertBooks([full, empty])).toBe(2);
  expect(await store.insertBooks([full])).toBe(0);
  const { rows } = await pool.query(
    'SELECT version::text, trim_scale(bid_price)::text AS bid, trim_scale(ask_quantity)::text AS offered, booked_at FROM market_data.books ORDER BY seq',
  );
  expect(rows).toEqual([
    { version: fixed.version, bid: '0.00141342', offered: '7', booked_at: new Date(NOW) },
    { version: fixed.version, bid: null, offered: '7', booked_at: new Date(NOW) },
  ]);
});

test('separates the stacks of one database, and marks each with its own newest two-sided book', async () => {
  const fixed = { producer: 'q', symbol: 'BTC/ETH', version: '1', receivedAt: NOW };
  const asks = [['30', '1']];
  const own = bookMessage.parse({ ...fixed, seq: 1, time: NOW, bids: [['20', '1']], asks });
  const half = bookMessage.parse({ ...fixed, seq: 2, time: NOW + 2, bids: [], asks });
  const foreign = bookMessage.parse({ ...fixed, seq: 1, time: NOW + 1, bids: [['50', '1']], asks });
  expect(await store.insertBooks([own, half])).toBe(2);
  expect(await createMarketStore(pool, 'demo-2').insertBooks([foreign])).toBe(1);
  await database.pool.query(
    `INSERT INTO trading.execution_fence VALUES ('demo-1', 1, 'x', now()), ('demo-3', 1, 'x', now())`,
  );
  await database.pool.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised)
     VALUES ('demo-1', 'a', 'BTC/ETH', 1, 20, 0), ('demo-1', 'b', 'BTC/ETH', 1, 20, 1), ('demo-3', 'a', 'BTC/ETH', 1, 20, 0)`,
  );
  const { rows } = await database.pool.query('SELECT stack, positions FROM trading.summary ORDER BY stack');
  const held = { quantity: '2', cost: '40', mark: '25', realised: '1', unrealised: '10' };
  const position = { symbol: 'BTC/ETH', currency: 'ETH', ...held };
  const unmarked = { ...position, quantity: '1', cost: '20', mark: null, realised: '0', unrealised: null };
  expect(rows).toEqual([
    { stack: 'demo-1', positions: [position] },
    { stack: 'demo-3', positions: [unmarked] },
  ]);
});

test('stores a trade once per stack', async () => {
  const fixed = { producer: 'p', symbol: 'XRP/ETH', time: NOW, receivedAt: NOW };
  const trade = tradeMessage.parse({ ...fixed, seq: 1, price: '0.0014', quantity: '23', takerSide: 'sell' });
  expect(await store.insertTrades([trade])).toBe(1);
  expect(await store.insertTrades([trade])).toBe(0);
  expect(await createMarketStore(pool, 'demo-2').insertTrades([trade])).toBe(1);
});

test('stores a signal once per stack', async () => {
  const signal = signalMessage.parse({
    id: 'cross:XRP/ETH:1',
    strategy: 'cross',
    symbol: 'XRP/ETH',
    stance: 'Long',
    changedAt: NOW,
    barClose: NOW,
    referencePrice: '0.0014',
    release: 'r1',
  });
  expect(await store.insertSignals([signal])).toBe(1);
  expect(await store.insertSignals([signal])).toBe(0);
  expect(await createMarketStore(pool, 'demo-2').insertSignals([signal])).toBe(1);
});

test('deletes market data of any stack after 14 days, in several batches', async () => {
  const fixed = { producer: 'old', symbol: 'XRP/ETH', price: '0.0014', quantity: '23', takerSide: 'sell', time: NOW };
  const day = 86_400_000;
  const of = (seq: number, receivedAt: number) => tradeMessage.parse({ ...fixed, seq, receivedAt });
  const old = Array.from({ length: 1_500 }, (_, seq) => of(seq, NOW - 14 * day - 1));
  await createMarketStore(pool, 'deleted-1').insertTrades(old);
  await store.insertTrades([of(9_000, NOW - 14 * day), of(9_001, NOW)]);
  const abort = new AbortController();
  const clock = { ...systemClock, nowMs: () => NOW, sleep: async () => abort.abort() };
  await createRetention({ store, historyDays: 90, clock, log }).run(abort.signal);
  const { rows } = await pool.query(`SELECT seq FROM market_data.trades WHERE producer = 'old' ORDER BY seq`);
  expect(rows).toEqual([{ seq: '9000' }, { seq: '9001' }]);
});
