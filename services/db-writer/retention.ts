import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { MarketStore } from './ports.ts';

const KEPT_MS = 14 * 86_400_000;
const INTERVAL_MS = 60_000;
/** Maximum statements per pass and table. The remainder is deleted in later passes, so that writes are not delayed. */
const BATCHES_MAX = 20;

/** Creates a task that deletes market data older than 14 days, once a minute in small batches. */
export function createRetention(options: {
  readonly store: Pick<MarketStore, 'deleteOld'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Periodic {
  const { store, clock, log } = options;
  return periodic({
    name: 'retention',
    intervalMs: INTERVAL_MS,
    clock,
    log,
    task: async (signal) => {
      const beforeMs = clock.nowMs() - KEPT_MS;
      for (const table of ['trades', 'books'] as const) {
        let more = true;
        for (let batch = 0; more && batch < BATCHES_MAX && !signal.aborted; batch += 1)
          more = await store.deleteOld(table, beforeMs);
      }
    },
  });
}
