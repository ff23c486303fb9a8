/** Limits that a venue documents for signed requests. Each adapter states its own, with the source. */
export interface VenueRules {
  /**
   * How far a request's timestamp may be ahead of the venue's clock. The venue rejects a request at this difference or
   * beyond. Milliseconds.
   */
  readonly acceptedAheadMs: number;
  /** Maximum length of a client order ID. Characters. */
  readonly clientOrderIdMaxLength: number;
  /** Total weight of queries within a window, apart from requests that create or cancel orders. */
  readonly queryLimit: { readonly tokens: number; readonly windowMs: number };
  /** Weight of each query. */
  readonly queryWeights: Readonly<Record<'order' | 'openOrders' | 'fills' | 'balances' | 'clockSkewMs', number>>;
}
