export interface VenueReplyErrorOptions extends ErrorOptions {
  /** The venue limits requests, and accepts none for this long. */
  readonly retryAfterMs?: number;
}

/** Thrown when a reply of the venue does not match its documents. `data` is the beginning of the reply. */
export class VenueReplyError extends Error {
  readonly code: 'BadReply' | 'BadStatus' | 'TooLarge';
  readonly data: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: VenueReplyError['code'], data: string, { retryAfterMs, ...options }: VenueReplyErrorOptions = {}) {
    super(`${code}: ${data.slice(0, 300)}`, options);
    this.name = 'VenueReplyError';
    this.code = code;
    this.data = data.slice(0, 300);
    this.retryAfterMs = retryAfterMs;
  }
}
