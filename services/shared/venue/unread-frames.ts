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

export interface FrameKeeperOptions {
  /** Writes the frame to the dead letters; never rejects. On any kind but `ok` it may not have been written. */
  readonly keep: (frame: UnreadFrame) => Promise<{ readonly kind: string }>;
  readonly count: (outcome: 'kept' | 'notKept') => void;
  readonly clock: Clock;
}

const MAX_PAYLOAD_BYTES = 2_048;
/** A venue whose every frame is unreadable must not fill Redis: beyond this limit, frames are only counted. */
const PER_MINUTE = 120;
const MINUTE_MS = 60_000;

/** Writes unreadable frames with their payload to the dead letters. Frames that cannot be written are only counted. */
export class FrameKeeper {
  readonly #options: FrameKeeperOptions;
  #minuteStartMs = Number.NEGATIVE_INFINITY;
  #kept = 0;

  constructor(options: FrameKeeperOptions) {
    this.#options = options;
  }

  async keep(reason: string, payload: Uint8Array): Promise<void> {
    const { keep, clock, count } = this.#options;
    if (!this.#mayKeep()) {
      count('notKept');
      return;
    }
    const result = await keep({
      reason: reason.slice(0, 300),
      bytes: payload.length,
      payload: Buffer.from(payload.subarray(0, MAX_PAYLOAD_BYTES)).toString('hex'),
      receivedAt: clock.nowMs(),
    });
    count(result.kind === 'ok' ? 'kept' : 'notKept');
  }

  #mayKeep(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#minuteStartMs >= MINUTE_MS) {
      this.#minuteStartMs = nowMs;
      this.#kept = 0;
    }
    this.#kept += 1;
    return this.#kept <= PER_MINUTE;
  }
}
