import type { BreakerCode } from '../../shared/domain/breaker.ts';

/** A breaker tripped or left. */
export interface BreakerStep {
  readonly kind: 'Tripped' | 'Left';
  readonly breaker: BreakerCode;
  /** The instrument; empty for a breaker that concerns every instrument. */
  readonly symbol: string;
  /** UTC milliseconds. */
  readonly at_ms: number;
  /** Number of exit steps before it. */
  readonly afterSteps: number;
}
