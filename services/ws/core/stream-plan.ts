/** A public stream of the venue, as far as the plan needs to know it. */
export interface PlannedStream {
  readonly channel: 'trades' | 'depth';
  readonly symbol: string;
}

/**
 * The streams of every connection: trades and depth of each symbol, at most `limit` a connection. Both streams of a symbol share a connection, so that
 * one cut never leaves half a symbol.
 */
export function planConnections(symbols: readonly string[], limit: number): readonly (readonly PlannedStream[])[] {
  const perConnection = Math.max(1, Math.floor(limit / CHANNELS.length));
  const plan: PlannedStream[][] = [];
  for (let start = 0; start < symbols.length; start += perConnection) {
    const some = symbols.slice(start, start + perConnection);
    plan.push(some.flatMap((symbol) => CHANNELS.map((channel) => ({ channel, symbol }))));
  }
  return plan;
}

const CHANNELS = ['trades', 'depth'] as const;
