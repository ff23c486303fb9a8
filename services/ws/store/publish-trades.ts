import type { TradePayload } from '../../shared/contracts/messages/trade.ts';
import { FAN_OUT_LENGTH, tradesStream } from '../../shared/contracts/keys.ts';
import type { Publisher, PublishResult } from '../../shared/redis/publisher.ts';

/** Appends trades to `md.trades.<symbol>`, in order, in one round trip. Returns a result for each. */
export async function publishTrades(
  publisher: Publisher,
  trades: readonly TradePayload[],
): Promise<readonly PublishResult[]> {
  const maxLength = FAN_OUT_LENGTH.trades;
  return await publisher.publishAll(
    trades.map((payload) => ({ stream: tradesStream(payload.symbol), payload, maxLength })),
  );
}
