import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';

/** Answers of which the time is kept: the newest ones. */
const TIMED_MAX = 100;

/** How the venue answered the orders of an epoch. */
export interface Replies {
  /** Orders that it accepted, and that it refused. */
  readonly acknowledged: number;
  readonly rejected: number;
  /** Orders without a usable answer: no connection, a timeout, a server error, a rate limit. */
  readonly failed: number;
  /** Milliseconds from the commit of the intent to the answer, of the middle one of the newest; null without any. */
  readonly medianMs: number | null;
}

const NONE: Replies = { acknowledged: 0, rejected: 0, failed: 0, medianMs: null };

/** Counts how the venue answered the orders that this process sent in its newest epoch. Bounded. */
export class EpochReplies {
  #epoch = 0;
  #counts: Omit<Replies, 'medianMs'> = NONE;
  #timesMs: number[] = [];

  /** Call it once for each order of which a byte may have left. */
  note(epoch: number, { kind }: Pick<VenueReply<unknown>, 'kind'>, tookMs: number): void {
    if (epoch !== this.#epoch) {
      this.#counts = NONE;
      this.#timesMs = [];
    }
    this.#epoch = epoch;
    const counted = kind === 'ok' ? 'acknowledged' : kind === 'rejected' ? 'rejected' : 'failed';
    this.#counts = { ...this.#counts, [counted]: this.#counts[counted] + 1 };
    if (counted !== 'failed') this.#timesMs = [...this.#timesMs.slice(1 - TIMED_MAX), tookMs];
  }

  of(epoch: number): Replies {
    if (epoch !== this.#epoch) return NONE;
    const { acknowledged, rejected, failed } = this.#counts;
    const sorted = this.#timesMs.toSorted((a, b) => a - b);
    const median = sorted[Math.ceil(sorted.length / 2) - 1];
    return { acknowledged, rejected, failed, medianMs: median === undefined ? null : Math.round(median) };
  }
}
