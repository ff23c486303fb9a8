import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Exports the state of stacks as metrics. */
export interface StackStatusMetrics {
  record(key: string, status: TradingStackStatus): void;
  /** Shows that another installation of the operator manages the stack. */
  claimedByOther(key: string): void;
  /** Removes the series of a deleted stack. */
  forget(key: string): void;
}
