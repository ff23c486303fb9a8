import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import { HISTORY } from './core/history.ts';
import type { MarketStore } from './ports.ts';

/** Age of market data that is deleted. */
const KEPT_MS = 14 * 86_400_000;
const MARKET_TABLES = ['trades', 'books'] as const;
const INTERVAL_MS = 60_000;
/** Maximum statements per pass and table. The remainder is deleted in later passes, so that writes are not delayed. */
const BATCHES_MAX = 20;

/**
 * Creates a task that deletes old market data and old history, once a minute in small batches. A table that fails holds
 * up no other.
 */
export function createRetention(options: {
  readonly store: Pick<MarketStore, 'deleteOld' | 'deleteHistory'>;
  readonly historyDays: number;
  readonly clock: Clock;
  readonly log: Logger;
}): Periodic {
  const { store, historyDays, clock, log } = options;
  const inBatches = async (signal: AbortSignal, deleteBatch: () => Promise<boolean>): Promise<void> => {
    let more = true;
    for (let batch = 0; more && batch < BATCHES_MAX && !signal.aborted; batch += 1) more = await deleteBatch();
  };
  return periodic({
    name: 'retention',
    intervalMs: INTERVAL_MS,
    clock,
    log,
    task: async (signal) => {
      const beforeMs = clock.nowMs() - KEPT_MS;
      const deletions = [
        ...MARKET_TABLES.map((table) => async () => await store.deleteOld(table, beforeMs)),
        ...HISTORY.map((table) => async () => await store.deleteHistory(table, historyDays)),
      ];
      const errors: unknown[] = [];
      for (const deleteBatch of deletions) await inBatches(signal, deleteBatch).catch((error) => errors.push(error));
      if (errors.length > 0) throw errors[0];
    },
  });
}
