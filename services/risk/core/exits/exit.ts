import { ZERO } from '../../../shared/domain/decimal.ts';
import { mostRestrictive } from '../../../shared/domain/trading-state.ts';
import type { Pair } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { wantedBy } from '../stances/wanted-stance.ts';
import { stopOf } from '../stops/stop-record.ts';
import { workingSale } from './working-sale.ts';

/** Why a position should be left: its strategy wants to be flat, one of its stops triggered, or Flattening applies. */
export type ExitCause = 'Flat' | 'Stop' | 'Flattening';

/** Returns why a position should be left; undefined while it should not. A position without a stance is kept. */
export function exitCause(
  { tradingStates, stances, stops }: Pick<RiskState, 'tradingStates' | 'stances' | 'stops'>,
  pair: Pair,
): ExitCause | undefined {
  if (tradingStates.some(({ state }) => state === 'Flattening')) return 'Flattening';
  if (stopOf(stops, pair)?.triggered !== undefined) return 'Stop';
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
 * a sale that works the position has to end first. What any other sale may have sold is left out when the exit is
 * sized. A buy of the position holds up no exit: it sells what is held by then.
 */
export function mayExit(state: RiskState, pair: Pair): boolean {
  if (mostRestrictive(state.tradingStates.map((source) => source.state)) === 'Halted') return false;
  return exitCause(state, pair) !== undefined && workingSale(state, pair) === undefined;
}
