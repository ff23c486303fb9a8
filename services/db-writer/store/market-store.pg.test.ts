import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookMessage } from '../../shared/contracts/messages/book.ts';
import { signalMessage } from '../../shared/contracts/messages/signal.ts';
import { createPool } from '../../shared/postgres/pool.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { createMarketStore, type MarketStore } from './market-store.ts';

const NOW = 1_800_000_000_000;
let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
let store: MarketStore;

beforeAll(async () => {
  database = await createTestDatabase({ migrate: true });
  const log = createLogger({ name: 'test', level: 'silent' });
  // As the service's own role: its grants are part of what is tested.
  pool = createPool({ ...database.as('db_writer'), applicationName: 'db-writer', log });
  store = createMarketStore(pool, 'demo-1');
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

test('the top of a book is kept to the last digit, an empty side as nothing, a repeated one once', async () => {
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

test('a signal is kept once a stack', async () => {
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
