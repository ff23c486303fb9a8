/**
 * Why a venue refuses every request for a pair, until a person or the venue changes something. Unlisted: the venue has
 * no such pair, or no longer. Paused: trading of the pair is suspended. NotPermitted: this key or account may not trade
 * the pair.
 */
export type PairRefusal = 'Unlisted' | 'Paused' | 'NotPermitted';

/**
 * Every way in which a request to the venue can fail. Its kind states what may be concluded from it; never conclude
 * from a text.
 */
export type VenueFailure =
  /**
   * The venue answered that it did not execute the request. `pair`: nor will it execute another one for the pair.
   * `lacksFunds`: the account has less than the order needs.
   */
  | {
      readonly kind: 'rejected';
      readonly code: string;
      readonly message: string;
      readonly pair?: PairRefusal;
      readonly lacksFunds?: true;
    }
  /** The venue does not know the order. Right after a POST this is not an answer. */
  | { readonly kind: 'notFound' }
  /** Rejected before it was processed. No request may be sent until this time has passed. */
  | {
      readonly kind: 'rateLimited';
      readonly retryAfterMs: number;
      /** The venue banned the account, because requests continued after a limit: it accepts no cancellation either. */
      readonly banned?: true;
    }
  /**
   * Bytes may have been sent, and no usable answer arrived (timeout, 5XX, connection closed): the venue may have
   * executed the request.
   */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** No byte of the request left this process. */
  | { readonly kind: 'notSent'; readonly reason: string };

export type VenueReply<T> = { readonly kind: 'ok'; readonly value: T } | VenueFailure;
