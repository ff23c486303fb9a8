import { TRADING_STATES, type TradingState } from '../../../../services/shared/domain/trading-state.ts';

/**
 * Returns the trading state that the annotation names, whatever its case: a person in a hurry writes `flattening`.
 * Active without an annotation; undefined for a value that is no trading state, which halts.
 */
export function annotatedState(value: string | undefined): TradingState | undefined {
  if (value === undefined) return 'Active';
  return TRADING_STATES.find((state) => state.toLowerCase() === value.toLowerCase());
}
