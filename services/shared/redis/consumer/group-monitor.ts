import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { periodic } from '../../runtime/periodic.ts';
import type { Membership } from './consumer-group.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import { readGroupState, removeAbandonedConsumers, type GroupState } from './group-state.ts';
import { replyCode } from '../redis-error.ts';
import { timeOfId } from '../stream-entry.ts';

export interface GroupMonitor {
  run(signal: AbortSignal): Promise<void>;
  /** Age of the oldest entry that is not done, over all streams; null when everything is done, or nothing is known. */
  oldestAgeMs(): number | null;
  figures(): Readonly<Record<string, number | null>>;
}

const INTERVAL_MS = 1_000;

/** Looks once a second how far the group is behind, also while its handler is blocked. */
export function createGroupMonitor(options: {
  readonly member: Membership;
  readonly streams: readonly string[];
  readonly clock: Clock;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
}): GroupMonitor {
  const { member, streams, clock, metrics, log } = options;
  const states = new Map<string, GroupState>();

  const look = async (): Promise<void> => {
    if (member.commands.status !== 'ready') return;
    for (const stream of streams) {
      try {
        const state = await readGroupState(member, stream);
        states.set(stream, state);
        show(metrics, stream, state, ageOf(state, clock));
        await removeAbandonedConsumers(member, stream);
      } catch (error) {
        // Not there (yet, or any more): the reader makes it again.
        if (replyCode(error) === undefined) throw error;
        states.delete(stream);
      }
    }
  };
  const oldestAgeMs = (): number | null => {
    const ages = [...states.values()].flatMap((state) => ageOf(state, clock) ?? []);
    return ages.length === 0 ? null : Math.max(...ages);
  };

  const looking = periodic({ name: `monitor ${member.group}`, intervalMs: INTERVAL_MS, task: look, clock, log });

  return {
    run: async (signal) => await looking.run(signal),
    oldestAgeMs,
    figures: () => {
      const all = [...states.values()];
      const oldest = oldestAgeMs();
      return {
        pendingEntries: all.reduce((sum, { pending }) => sum + pending, 0),
        lagEntries: all.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
        oldestEntryAgeMs: oldest === null ? null : Math.round(oldest),
      };
    },
  };
}

function show(metrics: ConsumerMetrics, stream: string, state: GroupState, ageMs: number | null): void {
  metrics.pending.set({ stream }, state.pending);
  metrics.lag.set({ stream }, state.lag ?? Number.NaN);
  metrics.oldestAge.set({ stream }, (ageMs ?? 0) / 1_000);
}

function ageOf({ oldestId }: GroupState, clock: Clock): number | null {
  const time = oldestId === undefined ? undefined : timeOfId(oldestId);
  return time === undefined ? null : Math.max(0, clock.nowMs() - time);
}
