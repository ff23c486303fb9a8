import { ZERO } from '../../../shared/domain/decimal.ts';
import { mostRestrictive } from '../../../shared/domain/trading-state.ts';
import { ordersOf } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { wantedBy } from '../stances/wanted-stance.ts';

/** A position: what a strategy holds of an instrument. */
export interface Pair {
  readonly strategy: string;
  readonly symbol: string;
}

/** Why a position should be left: its strategy wants to be flat, or a source requests Flattening. */
export type ExitCause = 'Flat' | 'Flattening';

/** Identifies a position in a map. */
export function keyOf({ strategy, symbol }: Pair): string {
  return `${strategy}:${symbol}`;
}

/** Returns why a position should be left; undefined while it should not. A position without a stance is kept. */
export function exitCause(
  { tradingStates, stances }: Pick<RiskState, 'tradingStates' | 'stances'>,
  pair: Pair,
): ExitCause | undefined {
  if (tradingStates.some(({ state }) => state === 'Flattening')) return 'Flattening';
  return wantedBy(stances, pair)?.stance === 'Flat' ? 'Flat' : undefined;
}

/** An exit is decided as the stance Flat of its strategy. Its ID contains the time: each attempt is a new decision. */
export function exitSignal({ nowMs, release, market }: RiskState, { strategy, symbol }: Pair): Signal {
  const id = `exit:${strategy}:${symbol}:${nowMs}`;
  const referencePrice = market.book?.bid ?? ZERO;
  return { id, strategy, symbol, stance: 'Flat', changedAt: nowMs, barClose: nowMs, referencePrice, release };
}

/**
 * Whether an exit may still be decided, on the account of the transaction that decides it. While halted nothing is; and
 * an order of the position whose outcome is not unknown has to end first. What an order of unknown outcome may have
 * sold is left out when the exit is sized.
 */
export function mayExit(state: RiskState, pair: Pair): boolean {
  if (mostRestrictive(state.tradingStates.map((source) => source.state)) === 'Halted') return false;
  const orders = ordersOf(state, pair.strategy, pair.symbol);
  return exitCause(state, pair) !== undefined && orders.every((order) => order.state === 'Unknown');
}
