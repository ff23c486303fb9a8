import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { Stream } from '../../shared/venue/market-data-venue.ts';
import { decideRemedy } from '../core/remedy-rules.ts';
import type { WsMetrics } from '../metrics.ts';

/** What a feed asks of the connections. */
export interface FeedConnections {
  /** Whether an open connection carries the symbol. A connection that does not answer pings is not open. */
  isOpen(symbol: string): boolean;
  resubscribe(stream: Stream): void;
  replace(stream: Stream): void;
}

export interface ChannelRemediesOptions {
  readonly stream: Stream;
  readonly connections: FeedConnections;
  /** Whether the venue lists the pair. It sends nothing of another, however often it is asked. */
  readonly isListed: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

/** Resubscribes a channel that is proven dead, or replaces its connection. */
export class ChannelRemedies {
  readonly #options: ChannelRemediesOptions;
  #remedies = 0;
  #remedyMs = Number.NEGATIVE_INFINITY;

  constructor(options: ChannelRemediesOptions) {
    this.#options = options;
  }

  onData(): void {
    this.#remedies = 0;
  }

  /** The venue has newer data than the channel delivered. */
  onDead(): void {
    const { stream, connections, isListed, clock, log, metrics } = this.#options;
    if (!isListed()) return;
    const nowMs = clock.monotonicMs();
    const remedy = decideRemedy({ remedies: this.#remedies, sinceRemedyMs: nowMs - this.#remedyMs });
    if (remedy === 'None') return;
    this.#remedies += 1;
    this.#remedyMs = nowMs;
    metrics.remedy(stream.channel, remedy);
    log.warn({ ...stream, remedy }, 'channel of the venue is dead');
    if (remedy === 'Resubscribe') connections.resubscribe(stream);
    else connections.replace(stream);
  }
}
