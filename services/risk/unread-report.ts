import { degraded, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { textOfRow, type UnreadAccountRow } from './core/unread-rows.ts';
import type { RiskMetrics } from './metrics.ts';

export interface UnreadReport {
  /** Takes what could not be read of the account, as last read. */
  readonly onRead: (unread: readonly UnreadAccountRow[]) => void;
  /** Passes, because exits and other entries go on; degraded while a row cannot be read. */
  readonly check: () => CheckResult;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

/** Creates the report of rows that cannot be read. Logs each one once, until it can be read again. */
export function createUnreadReport(metrics: Pick<RiskMetrics, 'unreadRows'>, log: Logger): UnreadReport {
  let unread: readonly UnreadAccountRow[] = [];
  let logged: ReadonlySet<string> = new Set();
  return {
    onRead: (rows) => {
      unread = rows;
      metrics.unreadRows.set(rows.length);
      for (const row of rows)
        if (!logged.has(textOfRow(row))) log.warn({ ...row }, 'row of the account cannot be read');
      logged = new Set(rows.map(textOfRow));
    },
    check: () => {
      const [first] = unread;
      if (first === undefined) return OK;
      const more = unread.length > 1 ? `; and ${unread.length - 1} more` : '';
      return degraded('RowUnreadable', `${textOfRow(first)}${more}`);
    },
    figures: () => ({
      unreadRows: unread.length,
      unreadRow: unread[0] === undefined ? null : textOfRow(unread[0]),
    }),
  };
}
