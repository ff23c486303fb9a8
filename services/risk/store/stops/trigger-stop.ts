import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { TriggeredRecord } from '../../ports.ts';

/**
 * The first trigger of a position stays. $1 stack, $2 strategy, $3 symbol, $4 opened at, $5 kind, $6 level, $7 bid, $8
 * entry price, $9 triggered at, $10 highest price.
 */
const TRIGGER_STOP = `
UPDATE risk.stops
SET kind = $5, trigger_price = $6, trigger_bid = $7, entry_price = $8, triggered_at = $9,
  high_price = greatest(high_price, $10::numeric)
WHERE stack = $1 AND strategy = $2 AND symbol = $3 AND date_trunc('milliseconds', opened_at) = $4 AND kind IS NULL
`;

/** Returns whether this call triggered the stop. False when another one did, and when the position has closed. */
export async function triggerStop(
  on: Queryable,
  stack: string,
  { strategy, symbol, openedAtMs, highPrice, triggered }: TriggeredRecord,
): Promise<boolean> {
  const { kind, level, bid, entryPrice, atMs } = triggered;
  const prices = [level, bid, entryPrice].map(textOf);
  const position = [stack, strategy, symbol, new Date(openedAtMs)];
  const { rowCount } = await on.query(TRIGGER_STOP, [...position, kind, ...prices, new Date(atMs), textOf(highPrice)]);
  return rowCount === 1;
}

function textOf(price: Decimal | undefined): string | null {
  return price === undefined ? null : formatDecimal(price);
}
