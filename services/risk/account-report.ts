import { degraded, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import type { MarketView } from '../shared/market/market-view.ts';
import { abandonedPositions, type AbandonedPosition } from './core/abandoned-position.ts';
import type { Account } from './core/account.ts';
import { keyOf } from './core/holdings.ts';
import { textOfRow, type UnreadAccountRow } from './core/unread-rows.ts';
import type { RiskMetrics } from './metrics.ts';
import type { RiskStore } from './ports.ts';

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

export interface AbandonedReport {
  /** Takes the positions that no strategy decides on, or without coins, as last read. */
  readonly onRead: (positions: readonly AbandonedPosition[]) => void;
  /** Passes, because everything else is traded; degraded while there is such a position. */
  readonly check: () => CheckResult;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

/** Creates the report of positions that will not be left. Logs each one once, until it is gone. */
export function createAbandonedReport(metrics: Pick<RiskMetrics, 'abandoned'>, log: Logger): AbandonedReport {
  let abandoned: readonly AbandonedPosition[] = [];
  return {
    onRead: (positions) => {
      const logged = new Set(abandoned.map(logKeyOf));
      for (const position of positions)
        if (!logged.has(logKeyOf(position))) log.warn({ ...position }, 'position will not be left');
      abandoned = positions;
      metrics.abandoned.set(positions.length);
    },
    check: () => {
      const [first] = abandoned;
      if (first === undefined) return OK;
      const more = abandoned.length > 1 ? `; and ${abandoned.length - 1} more` : '';
      const message = `${lineOf(first)}${more}`;
      const isGone = first.reason === 'CoinsMissing';
      return isGone ? degraded('CoinsMissing', message) : degraded('PositionAbandoned', message);
    },
    figures: () => ({
      abandonedPositions: abandoned.length,
      abandonedPosition: abandoned[0] === undefined ? null : lineOf(abandoned[0]),
    }),
  };
}

function logKeyOf(position: AbandonedPosition): string {
  return `${keyOf(position)} ${position.reason}`;
}

function lineOf({ strategy, symbol, message }: AbandonedPosition): string {
  return `${strategy} ${symbol}: ${message}`;
}

/** Creates both reports, and what takes an account for them. */
export function createAccountReports({
  settings,
  market,
  metrics,
  log,
}: {
  readonly settings: RiskSettings;
  readonly market: Pick<MarketView, 'snapshot'>;
  readonly metrics: Pick<RiskMetrics, 'unreadRows' | 'abandoned'>;
  readonly log: Logger;
}) {
  const unread = createUnreadReport(metrics, log);
  const abandoned = createAbandonedReport(metrics, log);
  return {
    unread,
    abandoned,
    onRead: (account: Account, nowMs: number): void => {
      unread.onRead(account.unread);
      // An approval without an order has taken no coins yet.
      const state = { ...account, orders: account.liveOrders, policy: settings, nowMs };
      abandoned.onRead(abandonedPositions(state, (symbol) => market.snapshot(symbol)));
    },
    figures: () => ({ ...unread.figures(), ...abandoned.figures() }),
  };
}

/** Returns the store, whose looks at the account are reported. */
export function withReport<T extends Pick<RiskStore, 'readAccount'>>(
  store: T,
  onRead: (account: Account, nowMs: number) => void,
): T {
  return {
    ...store,
    readAccount: async (nowMs: number) => {
      const account = await store.readAccount(nowMs);
      onRead(account, nowMs);
      return account;
    },
  };
}
