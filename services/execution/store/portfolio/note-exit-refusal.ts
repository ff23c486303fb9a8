import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderRecord } from '../../core/order-record.ts';

/** $1 stack, $2 strategy, $3 symbol, $4 at. */
const NOTE_EXIT_REFUSAL = `
UPDATE trading.positions SET exit_refused_at = $4 WHERE stack = $1 AND strategy = $2 AND symbol = $3`;

/** Notes with its position that the venue rejected a sale for lack of funds. `atMs` in UTC milliseconds. */
export async function noteExitRefusal(
  on: Queryable,
  stack: string,
  { strategy, request }: Pick<OrderRecord, 'strategy' | 'request'>,
  atMs: number,
): Promise<void> {
  await on.query(NOTE_EXIT_REFUSAL, [stack, strategy, request.symbol, new Date(atMs)]);
}
