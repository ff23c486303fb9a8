import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { periodic } from '../../runtime/periodic.ts';
import type { Membership } from './consumer-group.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import { readGroupState, removeAbandonedConsumers, type GroupState } from './group-state.ts';
import type { JudgedEntries } from './judged-entries.ts';
import { replyCode } from '../redis-error.ts';
import { timeOfId, type RawEntry } from '../stream-entry.ts';
import { unhandledEntries } from './unhandled-entries.ts';
import { allUnread, type Unread } from './unread.ts';

export interface GroupMonitor {
  run(signal: AbortSignal): Promise<void>;
  /**
   * Age of the oldest unacknowledged entry over all streams. Null when every entry is acknowledged, or the state is
   * unknown.
   */
  oldestAgeMs(): number | null;
  /** Subjects of the entries that were delivered and that the reader has not in hand. `All` while that is unknown. */
  unhandled(): Unread;
  figures(): Readonly<Record<string, number | null>>;
}

const INTERVAL_MS = 1_000;

/** Observes once a second how far the group lags, even while its handler is blocked. */
export function createGroupMonitor(options: {
  readonly member: Membership;
  readonly streams: readonly string[];
  readonly clock: Clock;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly subjectsOf: (entries: readonly RawEntry[]) => Unread;
  readonly judged: JudgedEntries;
}): GroupMonitor {
  const { member, streams, clock, metrics, log, subjectsOf, judged } = options;
  const states = new Map<string, GroupState>();
  const unhandled = new Map<string, Unread>();

  const observe = async (): Promise<void> => {
    if (member.commands.status !== 'ready') return;
    for (const stream of streams) {
      try {
        const state = await readGroupState(member, stream);
        const entries = state.pending === 0 ? [] : await unhandledEntries(member, stream, judged);
        unhandled.set(stream, entries === undefined ? 'All' : subjectsOf(entries));
        states.set(stream, state);
        exportState(metrics, stream, state, ageOf(state, clock));
        await removeAbandonedConsumers(member, stream);
      } catch (error) {
        // The stream or group does not exist (yet, or any more): the reader recreates it.
        if (replyCode(error) === undefined) throw error;
        states.delete(stream);
        unhandled.delete(stream);
      }
    }
  };
  const oldestAgeMs = (): number | null => {
    const ages = [...states.values()].flatMap((state) => ageOf(state, clock) ?? []);
    return ages.length === 0 ? null : Math.max(...ages);
  };

  const monitor = periodic({ name: `monitor ${member.group}`, intervalMs: INTERVAL_MS, task: observe, clock, log });

  return {
    run: async (signal) => await monitor.run(signal),
    oldestAgeMs,
    unhandled: () => allUnread(streams.map((stream) => unhandled.get(stream) ?? 'All')),
    figures: () => {
      const all = [...states.values()];
      const oldestMs = oldestAgeMs();
      return {
        pendingEntries: all.reduce((sum, { pending }) => sum + pending, 0),
        lagEntries: all.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
        oldestEntryAgeMs: oldestMs === null ? null : Math.round(oldestMs),
      };
    },
  };
}

function exportState(metrics: ConsumerMetrics, stream: string, state: GroupState, ageMs: number | null): void {
  metrics.pending.set({ stream }, state.pending);
  metrics.lag.set({ stream }, state.lag ?? Number.NaN);
  metrics.oldestAge.set({ stream }, (ageMs ?? 0) / 1_000);
}

function ageOf({ oldestId }: GroupState, clock: Clock): number | null {
  const timeMs = oldestId === undefined ? undefined : timeOfId(oldestId);
  return timeMs === undefined ? null : Math.max(0, clock.nowMs() - timeMs);
}
