import type { Logger } from '../shared/runtime/logger.ts';
import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import type { MarketView } from '../shared/market/market-view.ts';
import { createAbandonedReport } from './abandoned-report.ts';
import { abandonedPositions } from './core/abandoned-position.ts';
import type { Account } from './core/account.ts';
import type { RiskMetrics } from './metrics.ts';
import type { RiskStore } from './ports.ts';
import { createUnreadReport } from './unread-report.ts';

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
