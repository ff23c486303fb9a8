import type { Clock } from '../runtime/clock.ts';

/** A frame of the venue that could not be read, as it goes to the dead letters. */
export interface UnreadFrame {
  readonly reason: string;
  /** Length of the whole frame, and its beginning in hex. */
  readonly bytes: number;
  readonly payload: string;
  /** UTC milliseconds. */
  readonly receivedAt: number;
}

export interface FrameKeeperOptions {
  /** Writes it to the dead letters; never rejects. Every kind but `ok`: perhaps not written. */
  readonly keep: (frame: UnreadFrame) => Promise<{ readonly kind: string }>;
  readonly count: (outcome: 'kept' | 'notKept') => void;
  readonly clock: Clock;
}

const MAX_PAYLOAD_BYTES = 2_048;
/** A venue whose every frame is unreadable must not fill Redis: beyond this only the count goes on. */
const PER_MINUTE = 120;
const MINUTE_MS = 60_000;

/** Keeps unreadable frames with their payload; what cannot be kept is counted, and nothing else waits for it. */
export class FrameKeeper {
  readonly #options: FrameKeeperOptions;
  #minuteMs = Number.NEGATIVE_INFINITY;
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
    if (nowMs - this.#minuteMs >= MINUTE_MS) {
      this.#minuteMs = nowMs;
      this.#kept = 0;
    }
    this.#kept += 1;
    return this.#kept <= PER_MINUTE;
  }
}
