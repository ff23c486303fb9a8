import { expect, it } from 'vitest';
import { untilBlocked } from '../../../test/harness/stores/blocked-sessions.ts';
import { useServiceDatabase } from '../../../test/harness/stores/service-database.ts';
import { bookMessage } from '../../shared/contracts/messages/book.ts';
import { signalMessage } from '../../shared/contracts/messages/signal.ts';
import { tradeMessage } from '../../shared/contracts/messages/trade.ts';
import { createMarketStore } from './market-store.ts';

const STACK = 'demo-1';
const AT = 1_800_000_000_000;
const db = useServiceDatabase('db_writer');

const market = { producer: 'p', time: AT, receivedAt: AT };
const tradeOf = (seq: number) =>
  tradeMessage.parse({ ...market, symbol: 'XRP/ETH', seq, price: '1', quantity: '1', takerSide: 'buy' });
const bookOf = (seq: number) =>
  bookMessage.parse({ ...market, symbol: 'XRP/ETH', seq, version: '1', bids: [], asks: [['1', '1']] });
const signalOf = (seq: number) =>
  signalMessage.parse({
    id: `s${seq}`,
    strategy: 's',
    symbol: 'XRP/ETH',
    stance: 'Flat',
    changedAt: AT,
    barClose: AT,
    referencePrice: '1',
    release: 'r',
  });

type Store = ReturnType<typeof createMarketStore>;
const TABLES: readonly (readonly [
  table: string,
  insert: (store: Store, seqs: readonly number[]) => Promise<number>,
])[] = [
  ['trades', async (store, seqs) => await store.insertTrades(seqs.map(tradeOf))],
  ['books', async (store, seqs) => await store.insertBooks(seqs.map(bookOf))],
  ['signals', async (store, seqs) => await store.insertSignals(seqs.map(signalOf))],
];

it.each(TABLES)('two replicas that insert the same %s in another order do not deadlock', async (_table, insert) => {
  const store = createMarketStore(db.pool, STACK);
  // Holds one of the rows that both insert until both have inserted what they insert before it.
  const third = await db.admin.connect();
  await third.query('BEGIN');
  await insert(createMarketStore(third, STACK), [2]);
  const both = Promise.allSettled([insert(store, [1, 2, 3]), insert(store, [3, 2, 1])]);
  await untilBlocked(db.admin, 2);
  await third.query('ROLLBACK');
  third.release();
  const counts = (await both).map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)));
  expect(new Set(counts)).toEqual(new Set([0, 3]));
});
