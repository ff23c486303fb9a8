import type { VenueFailure, VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { RateLimited, TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';

export interface RateLimitedVenue extends TradingVenue {
  /** Milliseconds until the venue accepts requests again; 0 while no rate limit is in effect. */
  limitedForMs(): number;
  /**
   * Runs another call of the same account under the same rate limiter: limits apply to it, and a limit that it meets
   * applies to all.
   */
  readonly through: RateLimited;
}

/**
 * Puts one rate limiter in front of all calls. Once any call meets a rate limit, none reaches the venue until it
 * expires, because every further request extends it. Cancellations only reduce risk and pass, except during a ban,
 * which rejects every request.
 */
export function createRateLimitedVenue(venue: TradingVenue, clock: Clock): RateLimitedVenue {
  const limiter = new RateLimiter(clock);
  return {
    rules: venue.rules,
    limitedForMs: () => limiter.limitedForMs(),
    through: async (call) => await limiter.run(call),
    place: async (request, terms) => {
      // A limit may begin while the connection is being made: no byte has been sent yet.
      const refusal = () => (limiter.limitedForMs() > 0 ? 'RateLimited' : terms.refusal());
      return await limiter.run(async () => await venue.place(request, { ...terms, refusal }));
    },
    cancel: async (symbol, id) => await limiter.runCancel(async () => await venue.cancel(symbol, id)),
    order: async (symbol, id) => await limiter.run(async () => await venue.order(symbol, id)),
    openOrders: async (symbol) => await limiter.run(async () => await venue.openOrders(symbol)),
    fills: async (symbol, sinceMs) => await limiter.run(async () => await venue.fills(symbol, sinceMs)),
    balances: async () => await limiter.run(async () => await venue.balances()),
    clockSkewMs: async () => await limiter.run(async () => await venue.clockSkewMs()),
  };
}

class RateLimiter {
  readonly #clock: Clock;
  /** Monotonic milliseconds, like #bannedUntilMs. */
  #limitedUntilMs = Number.NEGATIVE_INFINITY;
  #bannedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  limitedForMs(): number {
    return Math.max(0, this.#limitedUntilMs - this.#clock.monotonicMs());
  }

  async run<T>(call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> {
    const retryAfterMs = this.limitedForMs();
    if (retryAfterMs > 0) return { kind: 'rateLimited', retryAfterMs, ...(this.#banned() ? { banned: true } : {}) };
    return this.#applyLimit(await call());
  }

  async runCancel<T>(call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> {
    return this.#banned() ? await this.run(call) : this.#applyLimit(await call());
  }

  #banned(): boolean {
    return this.#clock.monotonicMs() < this.#bannedUntilMs;
  }

  #applyLimit<T>(reply: VenueReply<T>): VenueReply<T> {
    if (reply.kind === 'rateLimited') this.#limit(reply);
    return reply;
  }

  #limit({ retryAfterMs, banned }: Extract<VenueFailure, { readonly kind: 'rateLimited' }>): void {
    const untilMs = this.#clock.monotonicMs() + retryAfterMs;
    this.#limitedUntilMs = Math.max(this.#limitedUntilMs, untilMs);
    if (banned === true) this.#bannedUntilMs = Math.max(this.#bannedUntilMs, untilMs);
  }
}
