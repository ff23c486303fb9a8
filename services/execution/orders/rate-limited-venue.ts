import type { VenueFailure, VenueReply } from '../../shared/domain/venue-reply.ts';
import type { Through, TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';

export interface RateLimitedVenue extends TradingVenue {
  /** For how long the venue wants to be asked nothing; 0 when it may be asked. Milliseconds. */
  limitedForMs(): number;
  /** For other calls under the same account: they are held back like these, and what they are told holds these back. */
  readonly through: Through;
}

/**
 * One limiter in front of all calls: once any of them is told of a rate limit, none reaches the venue before its time has passed, as every further request
 * makes the limit longer. Cancellations only take risk away and pass, except during a ban, which answers nobody.
 */
export function createRateLimitedVenue(venue: TradingVenue, clock: Clock): RateLimitedVenue {
  const limiter = new RateLimiter(clock);
  return {
    rules: venue.rules,
    limitedForMs: () => limiter.limitedForMs(),
    through: async (call) => await limiter.run(call),
    place: async (request, terms) => {
      // The limit may come while the connection is being made: no byte has left yet.
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
  /** Monotonic. */
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
    return this.#noted(await call());
  }

  async runCancel<T>(call: () => Promise<VenueReply<T>>): Promise<VenueReply<T>> {
    return this.#banned() ? await this.run(call) : this.#noted(await call());
  }

  #banned(): boolean {
    return this.#clock.monotonicMs() < this.#bannedUntilMs;
  }

  #noted<T>(reply: VenueReply<T>): VenueReply<T> {
    if (reply.kind === 'rateLimited') this.#close(reply);
    return reply;
  }

  #close({ retryAfterMs, banned }: Extract<VenueFailure, { readonly kind: 'rateLimited' }>): void {
    const until = this.#clock.monotonicMs() + retryAfterMs;
    this.#limitedUntilMs = Math.max(this.#limitedUntilMs, until);
    if (banned === true) this.#bannedUntilMs = Math.max(this.#bannedUntilMs, until);
  }
}
