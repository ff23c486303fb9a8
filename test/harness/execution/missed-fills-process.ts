import { Registry } from 'prom-client';
import { createExecutionMetrics } from '../../../services/execution/metrics.ts';
import { DeadLetters } from '../../../services/execution/orders/dead-letters.ts';
import { LiveOrders } from '../../../services/execution/orders/live-orders.ts';
import { MissedFills, type MissedFillsOptions } from '../../../services/execution/reconcile/missed-fills.ts';
import type { MemoryExecutionStore } from '../../../services/execution/store/memory/memory-execution-store.ts';
import type { FillRange } from '../../../services/shared/domain/orders/fill-page.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { TradingVenue } from '../../../services/shared/venue/trading-venue.ts';
import { TEST_TAG } from '../../fixtures/approved-orders.ts';
import type { VirtualClock } from '../virtual-clock.ts';

export interface ProcessOptions {
  readonly store: MemoryExecutionStore;
  readonly fills: TradingVenue['fills'];
  readonly clock: VirtualClock;
  /** Members that replace those of the process. */
  readonly changes?: Partial<MissedFillsOptions>;
}

/** Takes the fence as the next process, and creates its reading of missed fills over the same record. */
export async function startMissedFills({ store, fills, clock, changes = {} }: ProcessOptions) {
  const held = { epoch: store.fence.epoch + 1, holder: `process-${store.fence.epoch + 1}` };
  await store.raiseFence(held);
  const registry = new Registry();
  const metrics = createExecutionMetrics(registry);
  const log = createLogger({ name: 'test', level: 'silent' });
  const deadLetters = new DeadLetters({ store, metrics, log });
  const orders = new LiveOrders({
    store,
    deadLetters,
    epoch: () => held.epoch,
    mayRecord: () => true,
    metrics,
    clock,
    log,
  });
  const asked: FillRange[] = [];
  const missed = new MissedFills({
    store,
    venue: {
      fills: async (symbol, range) => {
        asked.push(range);
        return await fills(symbol, range);
      },
    },
    orders,
    deadLetters,
    fence: { held, grant: undefined },
    findings: { adoptByFill: async () => await Promise.reject(new Error('no order was lost')) },
    otherStacks: { onFill: () => {} },
    tag: TEST_TAG,
    isHurried: () => false,
    metrics,
    clock,
    log,
    ...changes,
  });
  const foreign = async (): Promise<number> => {
    const counted = await registry.getSingleMetric('tradingstack_execution_findings_total')?.get();
    return counted?.values.find(({ labels }) => labels['kind'] === 'ForeignFill')?.value ?? 0;
  };
  return {
    orders,
    deadLetters,
    asked,
    foreign,
    /** Runs once. Returns why the fills are not read to their end; undefined when they are. */
    run: async (symbol: string): Promise<string | undefined> =>
      await missed.record(symbol).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      ),
  };
}
