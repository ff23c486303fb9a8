import { bookMessage, type BookMessage } from '../../shared/contracts/messages/book.ts';
import { bookStream } from '../../shared/contracts/streams.ts';
import { createStreamReader, type StreamReader, type StreamReaderOptions } from '../../shared/redis/stream-reader.ts';

type Kit = Pick<StreamReaderOptions<BookMessage>, 'client' | 'clock' | 'log' | 'metrics'>;

/** The newest book of each symbol and every one that follows. */
export function readBooks(kit: Kit, symbols: readonly string[], onBook: (book: BookMessage) => void): StreamReader {
  return createStreamReader({
    ...kit,
    streams: symbols.map(bookStream),
    from: 'last',
    parse: (json) => bookMessage.parse(json),
    onEntries: (entries) => entries.forEach(({ payload }) => onBook(payload)),
  });
}
