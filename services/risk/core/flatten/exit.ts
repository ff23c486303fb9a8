import { ZERO } from '../../../shared/domain/decimal.ts';
import { mostRestrictive } from '../../../shared/domain/trading-state.ts';
import { ordersOf } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';

/** A position: what a strategy holds of an instrument. */
export interface Pair {
  readonly strategy: string;
  readonly symbol: string;
}

/** Identifies a position in a map. */
export function keyOf({ strategy, symbol }: Pair): string {
  return `${strategy}:${symbol}`;
}

/** An exit is decided as the stance Flat of its strategy. Its ID contains the time: each attempt is a new decision. */
export function exitSignal({ nowMs, release, market }: RiskState, { strategy, symbol }: Pair): Signal {
  const id = `flatten:${strategy}:${symbol}:${nowMs}`;
  const referencePrice = market.book?.bid ?? ZERO;
  return { id, strategy, symbol, stance: 'Flat', changedAt: nowMs, barClose: nowMs, referencePrice, release };
}

/**
 * Whether an exit may still be decided, on the account of the transaction that decides it. An order of unknown outcome
 * may have sold everything, so that no second one is placed beside it.
 */
export function mayExit(state: RiskState, { strategy, symbol }: Pair): boolean {
  const flattening = mostRestrictive(state.tradingStates.map((source) => source.state)) === 'Flattening';
  return flattening && ordersOf(state, strategy, symbol).length === 0;
}
