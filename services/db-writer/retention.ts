import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { MarketStore } from './store/market-store.ts';

const KEPT_MS = 14 * 86_400_000;
const TURN_MS = 60_000;
/** Statements a turn and table: what is left over goes with the next turns, and writing is not held up. */
const BATCHES_MAX = 20;

/** Deletes market data that is older than fourteen days, once a minute and a little at a time. */
export function createRetention(options: {
  readonly store: Pick<MarketStore, 'deleteOld'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Periodic {
  const { store, clock, log } = options;
  return periodic({
    name: 'retention',
    intervalMs: TURN_MS,
    clock,
    log,
    task: async (signal) => {
      const before = clock.nowMs() - KEPT_MS;
      for (const table of ['trades', 'books'] as const) {
        let more = true;
        for (let batch = 0; more && batch < BATCHES_MAX && !signal.aborted; batch += 1)
          more = await store.deleteOld(table, before);
      }
    },
  });
}
