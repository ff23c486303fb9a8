import type { VenueRules } from '../venue-rules.ts';

/** Limits of MEXC spot v3. */
export const MEXC_RULES: VenueRules = {
  // "SIGNED Endpoint Examples", timing security: a request is accepted while `timestamp < serverTime + 1000`.
  acceptedAheadMs: 1_000,
  // "New Order", error text for `newClientOrderId`: the legal range is `^[a-zA-Z0-9_-]{1,32}$`.
  clientOrderIdMaxLength: 32,
  // "LIMITS": each endpoint has its own limit of 500 by weight every 10 seconds. All of them together stay within one.
  queryLimit: { tokens: 500, windowMs: 10_000 },
  // The weights stand with the endpoints. A page of fills weighs 10, as the account does.
  queryWeights: { order: 2, openOrders: 3, fills: 10, balances: 10, clockSkewMs: 1 },
};
