import type { OrderStep } from '../../services/replay/core/order-step.ts';
import { assetsOf } from '../../services/shared/domain/instrument.ts';

/** From when the record named a drift of an asset until a person asked to book what explains it. UTC milliseconds. */
export interface DriftPeriod {
  readonly asset: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Drifts {
  readonly periods: readonly DriftPeriod[];
  /** In commit order. */
  readonly steps: readonly OrderStep[];
  /** Maximum time from the checks of an intent to its commit. */
  readonly commitBoundMs: number;
}

/** Returns every violation of I13, as text: while an asset drifts, no buy of it or with it is committed. */
export function driftViolations({ periods, steps, commitBoundMs }: Drifts): readonly string[] {
  return steps.flatMap(({ client_order_id: id, symbol, side, state, at_ms: atMs }) => {
    if (state !== 'Intended' || side !== 'buy') return [];
    const { base, quote } = assetsOf(symbol);
    return periods
      .filter(({ asset, fromMs, toMs }) => {
        return (asset === base || asset === quote) && atMs > fromMs + commitBoundMs && atMs < toMs;
      })
      .map(({ asset, fromMs }) => `I13: ${id} buys ${symbol}, ${atMs - fromMs} ms after ${asset} began to drift`);
  });
}
