/** A public channel of the venue, as far as the plan needs it. */
export interface PlannedStream {
  readonly channel: 'trades' | 'depth';
  readonly symbol: string;
}

/**
 * Returns the subscriptions of every connection: trades and depth of each symbol, at most `limit` per connection. Both
 * channels of a symbol share a connection, so a lost connection never leaves half a symbol.
 */
export function planConnections(symbols: readonly string[], limit: number): readonly (readonly PlannedStream[])[] {
  const perConnection = Math.max(1, Math.floor(limit / CHANNELS.length));
  const plan: PlannedStream[][] = [];
  for (let start = 0; start < symbols.length; start += perConnection) {
    const chunk = symbols.slice(start, start + perConnection);
    plan.push(chunk.flatMap((symbol) => CHANNELS.map((channel) => ({ channel, symbol }))));
  }
  return plan;
}

const CHANNELS = ['trades', 'depth'] as const;
