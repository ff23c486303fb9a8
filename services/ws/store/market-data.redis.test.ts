import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { bookMessage } from '../../shared/contracts/messages/book.ts';
import { instrumentMessage } from '../../shared/contracts/messages/instrument.ts';
import { tradeMessage, type TradePayload } from '../../shared/contracts/messages/trade.ts';
import { FAN_OUT_LENGTH, INSTRUMENTS, PAYLOAD_FIELD, VENUE_DEAD_LETTERS } from '../../shared/contracts/keys.ts';
import { closeClient, createProducerClient, type RedisClient } from '../../shared/redis/client.ts';
import { keepFrame } from '../../shared/redis/keep-frame.ts';
import { createPublisher, type Publisher } from '../../shared/redis/publisher.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { newestTrades } from './newest-trades.ts';
import { publishBook } from './publish-book.ts';
import { publishTrades } from './publish-trades.ts';
import { putInstruments } from './put-instruments.ts';

let server: TestRedis;
let client: RedisClient;
let publisher: Publisher;

beforeAll(async () => {
  server = await createTestRedis();
  const log = createLogger({ name: 'test', level: 'silent' });
  client = createProducerClient({ ...server.options, name: 'test', log });
  publisher = createPublisher(client);
  await until(() => client.status === 'ready');
});
afterEach(async () => {
  await server.redis.flushdb();
});
afterAll(async () => {
  await closeClient(client);
  await server.close();
});

test('writes trades to the stream of their symbol, in order and readable', async () => {
  const results = await publishTrades(publisher, [trade('XRP/ETH', 1), trade('ADA/ETH', 1), trade('XRP/ETH', 2)]);
  expect(results.map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok']);
  const texts = await payloads('md.trades.XRP-ETH');
  expect(texts.map((text) => tradeMessage.parse(JSON.parse(text)).seq)).toEqual([1, 2]);
  expect((await payloads('md.trades.ADA-ETH')).length).toBe(1);
});

test('reads the newest trades back, oldest first, without malformed ones and those of other symbols', async () => {
  await publishTrades(publisher, [trade('XRP/ETH', 1), trade('XRP/ETH', 2), trade('ADA/ETH', 9), trade('XRP/ETH', 3)]);
  await server.redis.xadd('md.trades.XRP-ETH', '*', PAYLOAD_FIELD, 'no json');
  expect((await newestTrades(client, 'XRP/ETH', 3)).map(({ seq }) => seq)).toEqual([2, 3]);
  expect(await newestTrades(client, 'BTC/ETH', 3)).toEqual([]);
});

test('bounds the streams', async () => {
  const many = Array.from({ length: 25_000 }, (_, index) => trade('XRP/ETH', index + 1));
  await publishTrades(publisher, many);
  const length = await server.redis.xlen('md.trades.XRP-ETH');
  expect(length).toBeGreaterThanOrEqual(FAN_OUT_LENGTH.trades);
  expect(length).toBeLessThan(FAN_OUT_LENGTH.trades + 500);
});

test('writes a readable book', async () => {
  const levels = { bids: [['0.5', '2']] as [string, string][], asks: [['0.6', '3']] as [string, string][] };
  const book = { producer: 'ws', seq: 1, symbol: 'XRP/ETH', version: '7', time: 5, receivedAt: 6, ...levels };
  expect((await publishBook(publisher, book)).kind).toBe('ok');
  const [text = ''] = await payloads('md.book.XRP-ETH');
  expect(bookMessage.parse(JSON.parse(text)).bids).toEqual([[500_000_000_000_000_000n, 2_000_000_000_000_000_000n]]);
});

test('overwrites the given instruments and keeps the others', async () => {
  const steps = { tickSize: '0.01', lotSize: '1', minQuantity: '1', minNotional: '0', maxNotional: '10' };
  const instrument = { base: 'XRP', quote: 'ETH', ...steps, makerFee: '0', takerFee: '0' };
  await putInstruments(client, [{ symbol: 'XRP/ETH', ...instrument }, { symbol: 'ADA/ETH', ...instrument }]); // prettier-ignore
  await putInstruments(client, [{ symbol: 'XRP/ETH', ...instrument, tickSize: '0.02' }]);
  await putInstruments(client, []);
  const kept = await server.redis.hgetall(INSTRUMENTS);
  expect(Object.keys(kept).sort()).toEqual(['ADA/ETH', 'XRP/ETH']);
  expect(instrumentMessage.parse(JSON.parse(kept['XRP/ETH'] ?? '')).tickSize).toBe(20_000_000_000_000_000n);
});

test('keeps unreadable frames', async () => {
  await keepFrame(publisher, { reason: 'odd', payload: 'ff' });
  expect(await payloads(VENUE_DEAD_LETTERS)).toEqual(['{"reason":"odd","payload":"ff"}']);
});

async function payloads(stream: string): Promise<string[]> {
  const entries = await server.redis.xrange(stream, '-', '+');
  return entries.map(([, [field, text]]) => (field === PAYLOAD_FIELD ? (text ?? '') : ''));
}

function trade(symbol: string, seq: number): TradePayload {
  return { producer: 'ws', seq, symbol, price: '0.5', quantity: '2', takerSide: 'buy', time: 1, receivedAt: 2 };
}
