/** Every way in which a request to the venue can fail; what may be concluded from it is in the name, never in a text. */
export type VenueFailure =
  /** The venue has answered: it did not do it. */
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  /** The venue knows no such order. Right after a POST this is no answer. */
  | { readonly kind: 'notFound' }
  /** Refused before it was looked at; nobody may ask again before this time has passed. */
  | {
      readonly kind: 'rateLimited';
      readonly retryAfterMs: number;
      /** The venue has shut the account out for going on after a limit: it takes no cancellation either. */
      readonly banned?: true;
    }
  /** Bytes may have left and no usable answer came (time-out, 5XX, connection closed): it may have been done. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** No byte of it has left this process. */
  | { readonly kind: 'notSent'; readonly reason: string };

export type VenueReply<T> = { readonly kind: 'ok'; readonly value: T } | VenueFailure;
