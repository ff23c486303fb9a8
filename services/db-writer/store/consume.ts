import type { DbWriter } from '../ports.ts';
import type { ServiceName } from '../../shared/contracts/catalogue.ts';
import { bookMessage, type BookMessage } from '../../shared/contracts/messages/book.ts';
import { signalMessage, type SignalMessage } from '../../shared/contracts/messages/signal.ts';
import { tradeMessage, type TradeMessage } from '../../shared/contracts/messages/trade.ts';
import { bookStream, SIGNALS, tradesStream } from '../../shared/contracts/keys.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { createSequenceWatch } from '../../shared/redis/reader/sequence-watch.ts';
import { ACK, eachEntry, type BatchHandler } from '../../shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../shared/redis/consumer/stream-consumer.ts';

const GROUP: ServiceName = 'db-writer';
/** Maximum rows per statement. */
const BATCH_SIZE = 500;

/** Options that all consumers of this service share. */
export type SharedConsumerOptions = Pick<
  StreamConsumerOptions<unknown>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics' | 'maxPendingAgeMs'
>;

export function consumeTrades(
  options: SharedConsumerOptions,
  symbols: readonly string[],
  writer: DbWriter,
): StreamConsumer {
  const watch = createSequenceWatch<TradeMessage>(
    ({ producer, seq }) => ({ producer, seq }),
    (gap) => writer.onGap(gap),
  );
  const write = batchHandler<TradeMessage>(async (batch) => await writer.onTrades(batch));
  return createStreamConsumer({
    ...options,
    group: GROUP,
    batchSize: BATCH_SIZE,
    streams: symbols.map(tradesStream),
    parse: (json) => tradeMessage.parse(json),
    handle: async (entries, signal) => {
      const outcomes = await write(entries, signal);
      entries.forEach(watch);
      return outcomes;
    },
  });
}

export function consumeBooks(
  options: SharedConsumerOptions,
  symbols: readonly string[],
  writer: DbWriter,
): StreamConsumer {
  return createStreamConsumer({
    ...options,
    group: GROUP,
    batchSize: BATCH_SIZE,
    streams: symbols.map(bookStream),
    parse: (json) => bookMessage.parse(json),
    handle: batchHandler<BookMessage>(async (batch) => await writer.onBooks(batch)),
  });
}

export function consumeSignals(options: SharedConsumerOptions, writer: DbWriter): StreamConsumer {
  return createStreamConsumer({
    ...options,
    group: GROUP,
    batchSize: BATCH_SIZE,
    streams: [SIGNALS],
    parse: (json) => signalMessage.parse(json),
    handle: batchHandler<SignalMessage>(async (batch) => await writer.onSignals(batch)),
  });
}

/**
 * Writes a whole batch in one statement: either all of it is done or, while Postgres is unavailable, all of it is
 * retried. When Postgres rejects the data, each message is written separately, so that only the rejected one is
 * retried and finally becomes a dead letter.
 */
function batchHandler<T>(write: (batch: readonly T[]) => Promise<void>): BatchHandler<T> {
  const writeEach = eachEntry<T>(async ({ payload }) => {
    await write([payload]);
    return ACK;
  }, isPostgresUnavailable);
  return async (entries, signal) => {
    try {
      await write(entries.map(({ payload }) => payload));
      return Array.from(entries, () => ACK);
    } catch (error) {
      if (isPostgresUnavailable(error)) throw error;
      return await writeEach(entries, signal);
    }
  };
}
