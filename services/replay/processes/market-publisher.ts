import { Registry } from 'prom-client';
import type { BookPayload } from '../../shared/contracts/messages/book.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { instrumentPayload } from '../../ws/core/payloads.ts';
import { createWsMetrics } from '../../ws/metrics.ts';
import { publishBook } from '../../ws/store/publish-book.ts';
import { publishTrades } from '../../ws/store/publish-trades.ts';
import { putInstruments } from '../../ws/store/put-instruments.ts';
import { TradeBuffer } from '../../ws/trade-buffer.ts';
import type { ReplayContext } from '../context.ts';
import type { FeedListener } from '../market-feed.ts';
import type { RedisWorld } from '../redis/redis-world.ts';

/** As ws: the pace of its loop, and how often it writes the instruments again. */
const PASS_MS = 20;
const INSTRUMENTS_EVERY_MS = 15_000;

/**
 * Publishes trades and books to Redis with the buffer and the statements of ws. Books are conflated: while one is being
 * written, only the newest of its symbol waits.
 */
export function startMarketPublisher({ scheduler, instruments }: ReplayContext, redis: RedisWorld): FeedListener {
  const client = redis.access().connect();
  const publisher = createPublisher(client);
  const trades = new TradeBuffer({
    publishTrades: async (waiting) => await publishTrades(publisher, waiting),
    clock: scheduler,
    metrics: createWsMetrics(new Registry()),
  });
  const books = new Map<string, BookPayload>();
  let [due, writing] = [false, false];
  const write = async (): Promise<void> => {
    writing = true;
    const waiting = [...books.values()];
    books.clear();
    await trades.flush();
    await Promise.all(waiting.map(async (book) => await publishBook(publisher, book)));
    writing = false;
    if (books.size > 0) schedule();
  };
  const schedule = (): void => {
    if (due || writing) return;
    due = true;
    scheduler.after(PASS_MS, () => {
      due = false;
      void write();
    });
  };
  const putAll = (): void => {
    // Written again after a while: Redis may restart empty.
    void putInstruments(client, [...instruments.values()].map(instrumentPayload)).catch(() => undefined);
    scheduler.after(INSTRUMENTS_EVERY_MS, putAll);
  };
  putAll();
  return {
    onTrade: (trade) => {
      trades.add(trade);
      schedule();
    },
    onBook: (book) => {
      books.set(book.symbol, book);
      schedule();
    },
  };
}
