/** Outcome of one HTTP request, as observed by this process. */
export interface HttpOutcome {
  /** Whether any byte of the request may have been sent. */
  readonly written: boolean;
  /** Undefined when no complete answer came. */
  readonly status: number | undefined;
  readonly body: string;
  readonly retryAfter: string | undefined;
  /** Why no answer came. */
  readonly failure: string | undefined;
}
