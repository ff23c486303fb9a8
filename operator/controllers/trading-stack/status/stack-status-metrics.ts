import type { Measurement } from './measurements.ts';
import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Exports the state of stacks as metrics. */
export interface StackStatusMetrics {
  record(key: string, status: TradingStackStatus): void;
  /** Adds what has just ended: call it once for each change of the status that is stored. */
  observe(measurements: readonly Measurement[]): void;
  /** Shows that another installation of the operator manages the stack. */
  claimedByOther(key: string): void;
  /** Removes the series of a deleted stack. */
  forget(key: string): void;
}
