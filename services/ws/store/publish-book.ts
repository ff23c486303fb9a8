import type { BookPayload } from '../../shared/contracts/messages/book.ts';
import { bookStream, FAN_OUT_LENGTH } from '../../shared/contracts/keys.ts';
import type { Publisher, PublishResult } from '../../shared/redis/publisher.ts';

/** Appends a book to `md.book.<symbol>`. */
export async function publishBook(publisher: Publisher, payload: BookPayload): Promise<PublishResult> {
  return await publisher.publish(bookStream(payload.symbol), payload, { maxLength: FAN_OUT_LENGTH.book });
}
