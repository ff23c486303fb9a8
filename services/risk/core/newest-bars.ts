import type { Signal } from './risk-state.ts';

/**
 * Remembers the newest bar of each configured strategy and symbol. Returns true for a signal that is older than a
 * signal seen before: it was delivered to a process that died before it acknowledged it, and was claimed later. Such a
 * signal is obsolete, because each bar repeats the stance.
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
