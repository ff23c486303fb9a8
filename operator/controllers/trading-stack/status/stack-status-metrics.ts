import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Where a stack's state is shown as figures; the process's own registry implements it. */
export interface StackStatusMetrics {
  record(key: string, status: TradingStackStatus): void;
  /** The stack is gone, and its series with it. */
  forget(key: string): void;
}
