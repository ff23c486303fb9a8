/**
 * Ways in which a request to the venue fails as such. NoAnswer: bytes were sent, and no usable answer came (a timeout,
 * a 5XX, a closed connection). NotSent: no connection. RateLimited and Banned: the venue refused it unread. An order
 * that the venue rejects is an answer.
 */
export const VENUE_FAILURES = ['NoAnswer', 'NotSent', 'RateLimited', 'Banned'] as const;
export type VenueFailureKind = (typeof VENUE_FAILURES)[number];

/** The window that a sender observes. */
export const HEALTH_WINDOW_MS = 60_000;

/** What the sender has observed of the venue within the last minute. */
export interface VenueHealth {
  /** Requests that ended within the window. */
  readonly requests: number;
  readonly failures: Readonly<Record<VenueFailureKind, number>>;
  /** Answers whose time was measured. */
  readonly timed: number;
  /** Milliseconds from the request to its answer, of the middle one and of the slowest 5 %; undefined without any. */
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  /** The longest pause that the venue demanded within the window, or demands still; 0 for none. Milliseconds. */
  readonly longestPauseMs: number;
}

/** The newest observation in the record, and how old it is. */
export interface ObservedHealth extends VenueHealth {
  readonly ageMs: number;
}
