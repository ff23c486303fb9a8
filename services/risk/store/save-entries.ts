import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Queryable } from '../../shared/postgres/pool.ts';
import type { EntryAttempts } from '../core/entries/entry-attempts.ts';

/**
 * $1 stack; one array per column: $2 strategy, $3 symbol, $4 count, $5 quantity, $6 time of the last, $7 since when the
 * stance is wanted.
 */
const SAVE_ENTRIES = `
UPDATE risk.stances AS s
SET entry_count = e.count, entry_quantity = e.quantity, entry_at = e.at, entry_changed_at = e.changed_at
FROM unnest($2::text[], $3::text[], $4::integer[], $5::numeric[], $6::timestamptz[], $7::timestamptz[])
  AS e (strategy, symbol, count, quantity, at, changed_at)
WHERE s.stack = $1 AND s.strategy = e.strategy AND s.symbol = e.symbol
`;

/** Saves the approved entries of stances. The caller holds the lock of the stack, or a count would be lost. */
export async function saveEntries(on: Queryable, stack: string, attempts: readonly EntryAttempts[]): Promise<void> {
  if (attempts.length === 0) return;
  const values = [
    stack,
    attempts.map(({ strategy }) => strategy),
    attempts.map(({ symbol }) => symbol),
    attempts.map(({ count }) => count),
    attempts.map(({ quantity }) => formatDecimal(quantity)),
    attempts.map(({ lastAtMs }) => new Date(lastAtMs)),
    attempts.map(({ changedAt }) => new Date(changedAt)),
  ];
  await on.query({ name: 'save-entries', text: SAVE_ENTRIES, values });
}
