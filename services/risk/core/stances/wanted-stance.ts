import type { SignalMessage } from '../../../shared/contracts/messages/signal.ts';

/**
 * The newest stance that was accepted of a strategy on an instrument. It is what the strategy wants until a newer bar
 * changes it, and survives restarts. Times are UTC milliseconds.
 */
export type WantedStance = Pick<SignalMessage, 'strategy' | 'symbol' | 'stance' | 'barClose' | 'changedAt'>;

/** Returns what a strategy wants; undefined before its first accepted signal. */
export function wantedBy(
  stances: readonly WantedStance[],
  { strategy, symbol }: Pick<WantedStance, 'strategy' | 'symbol'>,
): WantedStance | undefined {
  return stances.find((one) => one.strategy === strategy && one.symbol === symbol);
}
