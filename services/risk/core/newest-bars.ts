import type { Signal } from './risk-state.ts';

/**
 * Remembers the newest bar of each strategy and symbol: as many as are configured. Returns whether a signal comes behind a newer one, as it does when it
 * was handed to a process that died with it and is taken over later. Each bar repeats the stance, so such a signal says nothing of now.
 */
export function createNewestBars(): (signal: Pick<Signal, 'strategy' | 'symbol' | 'barClose'>) => boolean {
  const newestBars = new Map<string, number>();
  return ({ strategy, symbol, barClose }) => {
    const key = `${strategy}:${symbol}`;
    const newest = newestBars.get(key) ?? barClose;
    newestBars.set(key, Math.max(newest, barClose));
    return barClose < newest;
  };
}
