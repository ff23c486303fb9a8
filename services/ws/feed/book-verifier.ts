import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { backoffMs } from '../../shared/runtime/retry.ts';
import { compareVersions } from '../core/verification-rules.ts';
import type { WsMetrics } from '../metrics.ts';

export interface BookVerifierOptions {
  readonly symbol: string;
  /** Fetches the version of the venue's book by REST. */
  readonly fetchVersion: () => Promise<bigint>;
  /** Version of our book; undefined while there is none. */
  readonly version: () => bigint | undefined;
  /** Our book equals that of the venue. Both clocks are those of the request: the venue answered later. */
  readonly onCurrent: (requested: { readonly monotonicMs: number; readonly nowMs: number }) => void;
  /** The venue has changes that the channel did not deliver. */
  readonly onBehind: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

/** Changes that are on their way when the snapshot is taken get this time to arrive. */
const GRACE_MS = 500;
const RETRY = { minMs: 200, maxMs: 10_000 };

/**
 * Compares the version of our book with that of the venue. A silent channel proves nothing by itself: either nothing
 * changed, or the channel is dead. States: idle; asking, one request at a time; behind, while the changes that the
 * venue has may still arrive.
 */
export class BookVerifier {
  readonly #options: BookVerifierOptions;
  #asking = false;
  #behind: { readonly version: bigint; readonly sinceMs: number } | undefined;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: BookVerifierOptions) {
    this.#options = options;
  }

  /** Call it many times a second. `isDue`: the book is old enough, and a request may be sent if `mayAsk` allows it. */
  runPass(isDue: boolean, mayAsk: () => boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#behind !== undefined) this.#waitForChanges(nowMs);
    else if (isDue && !this.#asking && nowMs >= this.#retryAtMs && mayAsk()) void this.#ask();
  }

  #waitForChanges(nowMs: number): void {
    const { version, onBehind } = this.#options;
    const ours = version();
    if (this.#behind === undefined || nowMs - this.#behind.sinceMs < GRACE_MS) return;
    const isBehind = ours !== undefined && ours < this.#behind.version;
    this.#behind = undefined;
    if (isBehind) onBehind();
  }

  async #ask(): Promise<void> {
    const { symbol, fetchVersion, version, onCurrent, clock, log, metrics } = this.#options;
    const requested = { monotonicMs: clock.monotonicMs(), nowMs: clock.nowMs() };
    this.#asking = true;
    try {
      const venues = await fetchVersion();
      const ours = version();
      if (ours === undefined) return;
      const verification = compareVersions(ours, venues);
      metrics.verification(symbol, verification);
      if (verification === 'Current') onCurrent(requested);
      if (verification === 'Behind') this.#behind = { version: venues, sinceMs: clock.monotonicMs() };
      this.#failures = verification === 'Unproven' ? this.#failures + 1 : 0;
    } catch (error) {
      this.#failures += 1;
      metrics.verification(symbol, 'Failed');
      log.debug({ symbol, problem: messageOf(error) }, 'verifying the order book failed, retrying');
    } finally {
      this.#asking = false;
      if (this.#failures > 0) this.#retryAtMs = clock.monotonicMs() + backoffMs(this.#failures, RETRY, clock.random);
    }
  }
}
