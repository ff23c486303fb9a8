import { bookMessage, type BookMessage } from '../contracts/messages/book.ts';
import { tradeMessage, type TradeMessage } from '../contracts/messages/trade.ts';
import { bookStream, tradesStream } from '../contracts/keys.ts';
import { createStreamReader, type StreamReader, type StreamReaderOptions } from '../redis/reader/stream-reader.ts';

type ReaderModules = Pick<StreamReaderOptions<unknown>, 'client' | 'clock' | 'log' | 'metrics'>;

/** Reads the newest order book of each symbol and every later one. */
export function readBooks(
  modules: ReaderModules,
  symbols: readonly string[],
  onBook: (book: BookMessage) => void,
): StreamReader {
  return readFromLast(
    { ...modules, streams: symbols.map(bookStream), parse: (json) => bookMessage.parse(json) },
    onBook,
  );
}

/** Reads the newest trade of each symbol and every later one. */
export function readTrades(
  modules: ReaderModules,
  symbols: readonly string[],
  onTrade: (trade: TradeMessage) => void,
): StreamReader {
  return readFromLast(
    { ...modules, streams: symbols.map(tradesStream), parse: (json) => tradeMessage.parse(json) },
    onTrade,
  );
}

function readFromLast<T>(
  options: ReaderModules & Pick<StreamReaderOptions<T>, 'streams' | 'parse'>,
  on: (payload: T) => void,
): StreamReader {
  const onEntries: StreamReaderOptions<T>['onEntries'] = (entries) => entries.forEach(({ payload }) => on(payload));
  return createStreamReader({ ...options, from: 'last', onEntries });
}
