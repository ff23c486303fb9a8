/** Side of an order, or of a trade's taker. */
export type Side = 'buy' | 'sell';

export function oppositeOf(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}
