import { bookMessage, type BookMessage } from '../contracts/messages/book.ts';
import { tradeMessage, type TradeMessage } from '../contracts/messages/trade.ts';
import { bookStream, tradesStream } from '../contracts/keys.ts';
import { createStreamReader, type StreamReader, type StreamReaderOptions } from '../redis/reader/stream-reader.ts';

type Kit = Pick<StreamReaderOptions<unknown>, 'client' | 'clock' | 'log' | 'metrics'>;

/** The newest book of each symbol and every one that follows. */
export function readBooks(kit: Kit, symbols: readonly string[], onBook: (book: BookMessage) => void): StreamReader {
  return readFromLast({ ...kit, streams: symbols.map(bookStream), parse: (json) => bookMessage.parse(json) }, onBook);
}

/** The newest trade of each symbol and every one that follows. */
export function readTrades(kit: Kit, symbols: readonly string[], onTrade: (trade: TradeMessage) => void): StreamReader {
  return readFromLast(
    { ...kit, streams: symbols.map(tradesStream), parse: (json) => tradeMessage.parse(json) },
    onTrade,
  );
}

function readFromLast<T>(
  options: Kit & Pick<StreamReaderOptions<T>, 'streams' | 'parse'>,
  on: (payload: T) => void,
): StreamReader {
  const onEntries: StreamReaderOptions<T>['onEntries'] = (entries) => entries.forEach(({ payload }) => on(payload));
  return createStreamReader({ ...options, from: 'last', onEntries });
}
