import type { VenueFailure, VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { RateLimited, TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Lane } from '../core/budget/lanes.ts';
import type { RateBudget } from './rate-budget.ts';

export interface RateLimitedVenue extends TradingVenue {
  /** Cancels without taking a token: the caller has taken one. */
  readonly cancelInTurn: TradingVenue['cancel'];
  /**
   * Runs another call of the same account under the same budget: pauses apply to it, and a pause that it meets applies
   * to all.
   */
  readonly through: RateLimited;
}

/** Weight of a call that is none of the venue's own. */
const OTHER_WEIGHT = 1;

/**
 * Puts the request budget in front of all calls. A query waits for its tokens in `lane`. For an order the sender takes
 * one while it commits the intent, so `place` takes none. Once any call meets a rate limit, none reaches the venue
 * until it expires, because every further request extends it. Cancellations only reduce risk: they pass, but not during
 * a ban, which rejects every request, nor while `RateBudget.onCancelReply` stops them.
 */
export function createRateLimitedVenue(
  venue: TradingVenue,
  budget: RateBudget,
  lane: Extract<Lane, 'query' | 'rehearsal'> = 'query',
): RateLimitedVenue {
  const { queryWeights: weights } = venue.rules;
  const noted = async <T>(call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> => {
    const reply = await call();
    budget.onReply(reply);
    return reply;
  };
  const query = async <T>(tokens: number, call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> => {
    await budget.turn(lane, { tokens });
    return budget.limitedForMs() > 0 ? pausedFor(budget.demandedForMs()) : await noted(call);
  };
  const cancelInTurn: TradingVenue['cancel'] = async (symbol, id) => {
    if (budget.bannedForMs() > 0) return pausedFor(budget.bannedForMs());
    const reply = await venue.cancel(symbol, id);
    budget.onCancelReply(reply);
    return reply;
  };
  return {
    rules: venue.rules,
    through: async (call) => await query(OTHER_WEIGHT, call),
    place: async (request, terms) => {
      if (budget.limitedForMs() > 0) return pausedFor(budget.limitedForMs());
      // A limit may begin while the connection is being made: no byte has been sent yet.
      const refusal = () => (budget.limitedForMs() > 0 ? 'RateLimited' : terms.refusal());
      return await noted(async () => await venue.place(request, { ...terms, refusal }));
    },
    cancelInTurn,
    cancel: async (symbol, id) => {
      await budget.turn('cancel');
      return await cancelInTurn(symbol, id);
    },
    order: async (symbol, id) => await query(weights.order, async () => await venue.order(symbol, id)),
    openOrders: async (symbol) => await query(weights.openOrders, async () => await venue.openOrders(symbol)),
    fills: async (symbol, range) => await query(weights.fills, async () => await venue.fills(symbol, range)),
    balances: async () => await query(weights.balances, async () => await venue.balances()),
    clockSkewMs: async () => await query(weights.clockSkewMs, async () => await venue.clockSkewMs()),
  };
}

function pausedFor(retryAfterMs: number): VenueFailure {
  return { kind: 'rateLimited', retryAfterMs };
}
