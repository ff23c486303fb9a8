import type { Registry } from 'prom-client';
import { failed, OK, type CheckResult } from '../../runtime/health.ts';
import type { ServicePart } from '../../runtime/service-part.ts';
import type { Membership } from './consumer-group.ts';
import { ConsumerLoop } from './consumer-loop.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { createGroupMonitor, type GroupMonitor } from './group-monitor.ts';
import { JudgedEntries } from './judged-entries.ts';
import type { LoopOptions } from './loop-options.ts';
import { decodeEntry, type RawEntry } from '../stream-entry.ts';
import type { Unread } from './unread.ts';

export interface StreamConsumerOptions<T> extends LoopOptions<T> {
  readonly metrics: Registry;
  /** The check fails while the oldest unacknowledged entry is older. Default: 60 s. */
  readonly maxPendingAgeMs?: number;
  /** What an entry is about, for `unread`. Default: all entries are about the same. */
  readonly subjectOf?: (payload: T) => string;
}

export interface StreamConsumer extends ServicePart {
  check(): CheckResult;
  /**
   * What entries may be about that have not been handled: the subjects of those that another member, which may have
   * died, has not acknowledged, and of those that wait to be handed over alone. `All` unless a read of the last
   * `maxAgeMs` returned everything that the streams had for the group and was handled, and while it is unknown what the
   * others have. While nothing arrives, such a read ends at least once per duration of a blocking read.
   */
  unread(maxAgeMs: number): Unread;
  /** Takes over at once what this member and the others have not acknowledged: from now on it can handle all of it. */
  succeed(): void;
  figures(): Readonly<Record<string, number | null>>;
}

/**
 * Creates a member of a consumer group. Every entry is passed to `handle` at least once and acknowledged only after
 * that resolves, so handlers must be idempotent. States: joining (groups are created), reading, blocked (the handler
 * throws: the same batch is retried with growing pauses, no other entries are read), failing (Redis does not answer). A
 * stream that vanishes, even during a blocking read, or a Redis that restarts empty leads back to joining. `run` never
 * rejects because of Redis.
 */
export function createStreamConsumer<T>(options: StreamConsumerOptions<T>): StreamConsumer {
  const { group, consumer, commands, clock, maxPendingAgeMs = 60_000 } = options;
  const member: Membership = { group, consumer, commands };
  const metrics = consumerMetrics(options.metrics);
  const judged = new JudgedEntries();
  const monitor = createGroupMonitor({ ...options, member, metrics, judged, subjectsOf: subjectsIn(options) });
  const loop = new ConsumerLoop(options, { member, metrics, judged });
  return {
    name: `consumer ${group}`,
    run: async (signal) => {
      await Promise.all([loop.run(signal), monitor.run(signal)]);
    },
    stop: async () => {
      options.blocking.disconnect();
      await Promise.resolve();
    },
    check: () => (options.enabled?.() === false ? OK : checkOf(loop, monitor, maxPendingAgeMs)),
    unread: (maxAgeMs) => {
      const { caughtUpMs = Number.NEGATIVE_INFINITY } = loop;
      return clock.monotonicMs() - caughtUpMs > maxAgeMs ? 'All' : monitor.unhandled();
    },
    succeed: () => loop.succeed(),
    figures: () => monitor.figures(),
  };
}

/** An entry that cannot be read may be about anything. */
function subjectsIn<T>({ parse, subjectOf }: Pick<StreamConsumerOptions<T>, 'parse' | 'subjectOf'>) {
  return (entries: readonly RawEntry[]): Unread => {
    const subjects = new Set<string>();
    for (const raw of entries) {
      const decoded = decodeEntry(raw, parse);
      if (decoded.kind === 'malformed' || subjectOf === undefined) return 'All';
      subjects.add(subjectOf(decoded.entry.payload));
    }
    return subjects;
  };
}

function checkOf(
  loop: { readonly trouble: CheckResult | undefined },
  monitor: GroupMonitor,
  maxAgeMs: number,
): CheckResult {
  if (loop.trouble !== undefined) return loop.trouble;
  const ageMs = monitor.oldestAgeMs();
  if (ageMs === null || ageMs <= maxAgeMs) return OK;
  return failed(
    'Lagging',
    `the oldest unacknowledged entry is ${Math.round(ageMs)} ms old; the limit is ${maxAgeMs} ms`,
  );
}
