const CHANNELS = ['trades', 'depth'] as const;

/** A public channel of the venue, as far as the plan needs it. */
export interface PlannedStream {
  readonly channel: 'trades' | 'depth';
  readonly symbol: string;
}

/** Both channels of a symbol. They share a connection, so a lost connection never leaves half a symbol. */
export function streamsOf(symbol: string): readonly PlannedStream[] {
  return CHANNELS.map((channel) => ({ channel, symbol }));
}

/**
 * Returns the symbols of every connection after `added` join the `planned` ones, with at most `streamLimit` streams per
 * connection. No symbol moves: a new one takes a free place, and a connection is added when there is none.
 */
export function planConnections(
  planned: readonly (readonly string[])[],
  added: readonly string[],
  streamLimit: number,
): readonly (readonly string[])[] {
  const perConnection = Math.max(1, Math.floor(streamLimit / CHANNELS.length));
  const plan = planned.map((symbols) => [...symbols]);
  for (const symbol of added.filter((one) => !planned.some((symbols) => symbols.includes(one)))) {
    const free = plan.find((symbols) => symbols.length < perConnection);
    if (free === undefined) plan.push([symbol]);
    else free.push(symbol);
  }
  return plan;
}
