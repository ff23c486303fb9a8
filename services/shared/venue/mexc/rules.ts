import type { VenueRules } from '../venue-rules.ts';

/** Limits of MEXC spot v3. */
export const MEXC_RULES: VenueRules = {
  // "SIGNED Endpoint Examples", timing security: a request is accepted while `timestamp < serverTime + 1000`.
  acceptedAheadMs: 1_000,
  // "New Order", error text for `newClientOrderId`: the legal range is `^[a-zA-Z0-9_-]{1,32}$`.
  clientOrderIdMaxLength: 32,
};
