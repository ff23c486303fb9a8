import { tradeMessage, type TradeMessage } from '../../shared/contracts/messages/trade.ts';
import { PAYLOAD_FIELD, tradesStream } from '../../shared/contracts/keys.ts';
import type { RedisClient } from '../../shared/redis/client.ts';

/**
 * Returns the newest `count` trades of `md.trades.<symbol>`, oldest first, without those that are malformed. Rejects
 * when Redis does not answer.
 */
export async function newestTrades(
  client: RedisClient,
  symbol: string,
  count: number,
): Promise<readonly TradeMessage[]> {
  const entries = await client.xrevrange(tradesStream(symbol), '+', '-', 'COUNT', count);
  return entries.toReversed().flatMap(([, [field, text]]) => (field === PAYLOAD_FIELD ? parse(text) : undefined) ?? []);
}

function parse(text: string | undefined): TradeMessage | undefined {
  try {
    return tradeMessage.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
