import type { Queryable } from '../../shared/postgres/pool.ts';
import type { HistoryTable } from '../core/history.ts';

/**
 * Deletes one batch of the history of a stack that is older than `keptDays` by the clock of the database. What is in
 * force or open stays, whatever its age. Returns true when more may remain.
 */
export async function deleteHistory(
  on: Queryable,
  stack: string,
  table: HistoryTable,
  keptDays: number,
): Promise<boolean> {
  const { rows } = await on.query<{ deleted: number }>('SELECT trading.delete_history($1, $2, $3) AS deleted', [
    stack,
    table,
    keptDays,
  ]);
  return (rows[0]?.deleted ?? 0) > 0;
}
