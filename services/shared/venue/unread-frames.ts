import type { Clock } from '../runtime/clock.ts';

/** Unreadable frame of the venue, in the form written to the dead letters. */
export interface UnreadFrame {
  readonly reason: string;
  /** Length of the whole frame; `payload` is its beginning in hex. */
  readonly bytes: number;
  readonly payload: string;
  /** UTC milliseconds. */
  readonly receivedAt: number;
}

export interface UnreadFramesOptions {
  /** Writes the frame to the dead letters; never rejects. On any kind but `ok` it may not have been written. */
  readonly store: (frame: UnreadFrame) => Promise<{ readonly kind: string }>;
  readonly count: (outcome: 'kept' | 'notKept') => void;
  readonly clock: Clock;
}

const MAX_PAYLOAD_BYTES = 2_048;
/** A venue whose every frame is unreadable must not fill Redis: beyond this limit, frames are only counted. */
const PER_MINUTE = 120;
const MINUTE_MS = 60_000;

/** Writes unreadable frames with their payload to the dead letters. Frames that cannot be written are only counted. */
export class UnreadFrames {
  readonly #options: UnreadFramesOptions;
  #minuteStartMs = Number.NEGATIVE_INFINITY;
  #stored = 0;

  constructor(options: UnreadFramesOptions) {
    this.#options = options;
  }

  async store(reason: string, payload: Uint8Array): Promise<void> {
    const { store, clock, count } = this.#options;
    if (!this.#mayStore()) {
      count('notKept');
      return;
    }
    const result = await store({
      reason: reason.slice(0, 300),
      bytes: payload.length,
      payload: Buffer.from(payload.subarray(0, MAX_PAYLOAD_BYTES)).toString('hex'),
      receivedAt: clock.nowMs(),
    });
    count(result.kind === 'ok' ? 'kept' : 'notKept');
  }

  #mayStore(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#minuteStartMs >= MINUTE_MS) {
      this.#minuteStartMs = nowMs;
      this.#stored = 0;
    }
    this.#stored += 1;
    return this.#stored <= PER_MINUTE;
  }
}
