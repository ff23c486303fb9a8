import type { Lots, Ticks } from '../../shared/domain/instrument.ts';
import { oppositeOf, type Side } from '../../shared/domain/side.ts';
import type { OrderBook, RestingOrder } from './order-book.ts';

/** A resting order and the quantity that an incoming order takes from it. */
export interface Match {
  readonly resting: RestingOrder;
  readonly quantity: Lots;
}

export interface MatchPlan {
  readonly matches: readonly Match[];
  /** Quantity that the book cannot fill at these terms. */
  readonly unmatched: number;
}

/** Terms of an incoming order: it takes at most `quantity`, at `limit` or better (undefined: at any price). */
export interface MatchTerms {
  readonly side: Side;
  readonly limit: Ticks | undefined;
  readonly quantity: number;
}

/**
 * Plans the matches of an incoming order: best price first, oldest order first within a price. Does not change the
 * book.
 */
export function planMatch(book: OrderBook, { side, limit, quantity }: MatchTerms): MatchPlan {
  const matches: Match[] = [];
  let unmatched = quantity;
  let resting = book.first(oppositeOf(side));
  while (resting !== undefined && unmatched > 0 && reaches(side, limit, resting.price)) {
    const taken = Math.min(unmatched, resting.remaining) as Lots;
    matches.push({ resting, quantity: taken });
    unmatched -= taken;
    resting = book.after(resting);
  }
  return { matches, unmatched };
}

/**
 * Plans the matches of an order that spends an amount and has no limit. From each resting order it takes the whole lots
 * that `affordable` still allows after the matches so far. `unmatched` is 0 when the amount is used up, 1 when the book
 * is exhausted.
 */
export function planSpending(
  book: OrderBook,
  side: Side,
  affordable: (matches: readonly Match[], price: Ticks) => number,
): MatchPlan {
  const matches: Match[] = [];
  for (let resting = book.first(oppositeOf(side)); resting !== undefined; resting = book.after(resting)) {
    const bound = affordable(matches, resting.price);
    const taken = Math.min(bound, resting.remaining) as Lots;
    if (taken > 0) matches.push({ resting, quantity: taken });
    if (bound <= resting.remaining) return { matches, unmatched: 0 };
  }
  return { matches, unmatched: 1 };
}

function reaches(side: Side, limit: Ticks | undefined, price: Ticks): boolean {
  if (limit === undefined) return true;
  return side === 'buy' ? price <= limit : price >= limit;
}
