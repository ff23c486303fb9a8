import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { StopKey } from '../../ports.ts';

/** Never lowers the price, whoever writes. $1 stack, $2 strategy, $3 symbol, $4 opened at, $5 highest price. */
const RAISE_STOP = `
UPDATE risk.stops SET high_price = greatest(high_price, $5::numeric)
WHERE stack = $1 AND strategy = $2 AND symbol = $3 AND date_trunc('milliseconds', opened_at) = $4 AND kind IS NULL
`;

export async function raiseStop(on: Queryable, stack: string, key: StopKey, highPrice: Decimal): Promise<void> {
  const { strategy, symbol, openedAtMs } = key;
  await on.query(RAISE_STOP, [stack, strategy, symbol, new Date(openedAtMs), formatDecimal(highPrice)]);
}
