import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import type { KubeClient } from '../client/client.ts';
import type { KubeObject, Resource } from '../client/resource.ts';
import type { ReflectorMetrics } from '../metrics.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly resource: Resource<T>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: () => number;
  readonly metrics?: ReflectorMetrics;
  /** Requested length of a watch; jitter spreads it over [1, 1.5) times this value. Default: 5 min. */
  readonly watchTimeoutMs?: number;
  /**
   * Silence after which a watch that has received something is ended. Bookmarks arrive once a minute from then on.
   * Default: 90 s.
   */
  readonly idleMs?: number;
  /**
   * Longest time between two complete lists that verify the cache although its watch seems healthy; jitter shortens it
   * by up to a fifth. Default: 10 min.
   */
  readonly auditIntervalMs?: number;
  /**
   * Age at which the cache is compared with a complete list. A watch shows changes at once, but confirms that there
   * were none only when it ends. Default: never.
   */
  readonly maxAgeMs?: number;
  /** First base wait after a failure. Default: 800 ms. */
  readonly minBackoffMs?: number;
  /** Longest base wait after repeated failures; jitter may double it. Default: 30 s. */
  readonly maxBackoffMs?: number;
}

export const DEFAULTS = {
  random: Math.random,
  watchTimeoutMs: 300_000,
  idleMs: 90_000,
  auditIntervalMs: 600_000,
  maxAgeMs: Number.POSITIVE_INFINITY,
  minBackoffMs: 800,
  maxBackoffMs: 30_000,
};
