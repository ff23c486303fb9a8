import type { Redis } from 'ioredis';
import { bookStream, INSTRUMENTS, PAYLOAD_FIELD } from '../../../services/shared/contracts/keys.ts';
import { XRP_ETH } from '../../harness/exchange-simulator.ts';

/** Publishes rules and a fresh book of each symbol, as ws does. */
export async function publishMarket(redis: Redis, symbols: readonly string[]): Promise<void> {
  const time = Date.now();
  for (const symbol of symbols) {
    const instrument = { ...XRP_ETH, symbol, base: symbol.split('/')[0], lotSize: '0.1', minQuantity: '0.1' };
    await redis.hset(INSTRUMENTS, symbol, JSON.stringify(instrument));
    const [bids, asks] = [[['0.0014', '500']], [['0.00141', '500']]];
    const book = { producer: 'bench', seq: time, symbol, version: String(time), bids, asks, time, receivedAt: time };
    await redis.xadd(bookStream(symbol), 'MAXLEN', '~', 100, '*', PAYLOAD_FIELD, JSON.stringify(book));
  }
}
