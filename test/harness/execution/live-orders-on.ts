import { Registry } from 'prom-client';
import { createExecutionMetrics } from '../../../services/execution/metrics.ts';
import { DeadLetters } from '../../../services/execution/orders/dead-letters.ts';
import { LiveOrders, type LiveOrdersOptions } from '../../../services/execution/orders/live-orders.ts';
import { MemoryExecutionStore } from '../../../services/execution/store/memory/memory-execution-store.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { virtualClock } from '../virtual-clock.ts';

/** Returns the live orders of an empty record, with members of its store replaced. */
export function liveOrdersOn(store: Partial<LiveOrdersOptions['store']>, mayRecord = (): boolean => true): LiveOrders {
  const metrics = createExecutionMetrics(new Registry());
  const log = createLogger({ name: 'test', level: 'silent' });
  const record = new MemoryExecutionStore();
  const { loadOrders, recordObservation, clearedDeadLetters } = record;
  return new LiveOrders({
    store: { loadOrders, recordObservation, clearedDeadLetters, ...store },
    deadLetters: new DeadLetters({ store: record, metrics, log }),
    epoch: () => 1,
    mayRecord,
    metrics,
    clock: virtualClock(),
    log,
  });
}
