import { formatDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';

/**
 * The first entry of a stance sets the quantity, and each further one counts. $1 stack, $2 strategy, $3 symbol,
 * $4 quantity, $5 now.
 */
const COUNT_ENTRY = `
UPDATE risk.stances SET
  entry_count = CASE WHEN entry_changed_at = changed_at THEN entry_count + 1 ELSE 1 END,
  entry_quantity = CASE WHEN entry_changed_at = changed_at THEN entry_quantity ELSE $4 END,
  entry_at = $5,
  entry_changed_at = changed_at
WHERE stack = $1 AND strategy = $2 AND symbol = $3
`;

/** An approved buy of a strategy. */
export interface ApprovedEntry {
  readonly strategy: string;
  readonly symbol: string;
  readonly quantity: Decimal;
  /** UTC milliseconds. */
  readonly atMs: number;
}

/** Counts an approved entry of the stance that its strategy has now. Without a stance, nothing is counted. */
export async function countEntry(on: Queryable, stack: string, entry: ApprovedEntry): Promise<void> {
  const { strategy, symbol, quantity, atMs } = entry;
  await on.query(COUNT_ENTRY, [stack, strategy, symbol, formatDecimal(quantity), new Date(atMs)]);
}
