import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDbWriter } from '../../services/db-writer/service.ts';
import type { DbWriter } from '../../services/db-writer/ports.ts';
import { createDbWriterMetrics } from '../../services/db-writer/metrics.ts';
import { consumeTrades } from '../../services/db-writer/store/consume.ts';
import { createMarketStore } from '../../services/db-writer/store/market-store.ts';
import type { TradePayload } from '../../services/shared/contracts/messages/trade.ts';
import { deadLetterStream, tradesStream } from '../../services/shared/contracts/keys.ts';
import { createPool } from '../../services/shared/postgres/pool.ts';
import { createBlockingClient, createProducerClient } from '../../services/shared/redis/client.ts';
import { createPublisher } from '../../services/shared/redis/publisher.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { createMetrics } from '../../services/shared/runtime/metrics.ts';
import { createTestDatabase, type TestDatabase } from '../harness/stores/test-database.ts';
import { createTestRedis, type TestRedis } from '../harness/stores/test-redis.ts';
import { until } from '../harness/until.ts';

const SYMBOL = 'XRP/ETH';
const STREAM = tradesStream(SYMBOL);
const log = createLogger({ name: 'test', level: 'silent' });

let redis: TestRedis;
let database: TestDatabase;

beforeAll(async () => {
  redis = await createTestRedis();
  database = await createTestDatabase({ migrate: true });
});

afterAll(async () => {
  await redis.close();
  await database.close();
});

function trade(seq: number): TradePayload {
  const fixed = { producer: 'p1', symbol: SYMBOL, price: '0.00141342', quantity: '23', takerSide: 'sell' } as const;
  return { ...fixed, seq, time: 1_800_000_000_000 + seq, receivedAt: 1_800_000_000_100 + seq };
}

/** Runs the consumer of trades with a writer that a test may break, and stops it when `during` is done. */
async function consuming(breaking: (writer: DbWriter) => DbWriter, during: () => Promise<void>): Promise<void> {
  const metrics = createMetrics('db-writer', 'test');
  const pool = createPool({ ...database.as('db_writer'), applicationName: 'db-writer', log });
  const client = { ...redis.options, name: 'db-writer', log };
  const commands = createProducerClient(client);
  const writer = breaking(createDbWriter(createMarketStore(pool, 'demo-1'), createDbWriterMetrics(metrics)));
  const context = {
    blocking: createBlockingClient(client),
    commands,
    consumer: 'pod',
    clock: systemClock,
    log,
    metrics,
  };
  const consumer = consumeTrades(context, [SYMBOL], writer);
  const stop = new AbortController();
  const running = consumer.run(stop.signal);
  try {
    await during();
  } finally {
    stop.abort();
    await consumer.stop?.();
    await running;
    commands.disconnect();
    await pool.end();
  }
}

async function publish(payloads: readonly unknown[]): Promise<void> {
  const client = createProducerClient({ ...redis.options, name: 'test', log });
  await until(() => client.status === 'ready');
  const publisher = createPublisher(client);
  for (const payload of payloads) expect((await publisher.publish(STREAM, payload)).kind).toBe('ok');
  client.disconnect();
}

async function seqs(): Promise<readonly number[]> {
  const { rows } = await database.pool.query<{ seq: string }>('SELECT seq FROM market_data.trades ORDER BY seq');
  return rows.map(({ seq }) => Number(seq));
}

async function pending(): Promise<number> {
  const [count] = (await redis.redis.call('XPENDING', STREAM, 'db-writer')) as [number];
  return count;
}

test('writes each trade to Postgres once despite repeated, malformed and refused messages', async () => {
  let refusals = 3;
  const refusing = (writer: DbWriter): DbWriter => ({
    ...writer,
    onTrades: async (batch) => {
      refusals -= 1;
      if (refusals >= 0) throw unavailable('unavailable');
      await writer.onTrades(batch);
    },
  });
  await consuming(refusing, async () => {
    await publish([trade(1), trade(2), { ...trade(3), price: 'NaN' }, trade(2), trade(4)]);
    await until(async () => (await seqs()).length === 3 && (await pending()) === 0);
  });
  expect(await seqs()).toEqual([1, 2, 4]);
  expect(await redis.redis.xlen(deadLetterStream(STREAM))).toBe(1);
});

test('a message that Postgres refuses for its data blocks no other message, even in its batch', async () => {
  const picky = (writer: DbWriter): DbWriter => ({
    ...writer,
    onTrades: async (batch) => {
      if (batch.some(({ seq }) => seq === 11)) throw Object.assign(new Error('refused'), { code: '22003' });
      await writer.onTrades(batch);
    },
  });
  await consuming(picky, async () => {
    await publish([trade(10), trade(11), trade(12)]);
    await until(async () => (await seqs()).includes(12));
  });
  expect(await seqs()).toEqual([1, 2, 4, 10, 12]);
  expect(await pending()).toBe(1);
});

test('a batch that was committed but not acknowledged changes nothing when it is redelivered', async () => {
  const dying = (writer: DbWriter): DbWriter => ({
    ...writer,
    onTrades: async (batch) => {
      await writer.onTrades(batch);
      throw unavailable('lost between commit and acknowledgement');
    },
  });
  await publish([trade(15), trade(16)]);
  // Together with the refused message, which the process of this name left.
  await consuming(dying, async () => {
    await until(async () => (await seqs()).includes(16));
    expect(await pending()).toBe(3);
  });
  await consuming(
    (writer) => writer,
    async () => {
      await publish([trade(15), trade(16), trade(17)]);
      await until(async () => (await seqs()).includes(17));
    },
  );
  expect(await seqs()).toEqual([1, 2, 4, 10, 11, 12, 15, 16, 17]);
});

/** The error of a connection that Postgres refuses. */
function unavailable(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNREFUSED', syscall: 'connect' });
}
