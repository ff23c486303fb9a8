import type { Fill } from '../shared/domain/orders/fill.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { PrivateStreamEvents } from '../shared/venue/trading-venue.ts';
import type { UnreadFrames } from '../shared/venue/unread-frames.ts';
import type { SenderFence } from './fence/sender-fence.ts';
import type { ExecutionMetrics } from './metrics.ts';
import type { LiveOrders } from './orders/live-orders.ts';
import type { OtherStacks } from './reconcile/other-stacks.ts';
import type { ReconcileTimer } from './reconcile/reconcile-timer.ts';

export interface StreamEventsOptions {
  readonly fence: Pick<SenderFence, 'recording'>;
  readonly orders: Pick<LiveOrders, 'get' | 'observe' | 'onFill'>;
  readonly otherStacks: Pick<OtherStacks, 'onFill' | 'onTrace'>;
  readonly timer: Pick<ReconcileTimer, 'nudge'>;
  readonly frames: UnreadFrames;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly metrics: Pick<ExecutionMetrics, 'privateFrames'>;
  readonly log: Logger;
}

/**
 * Events that wait for the database. Further ones are counted, and not recorded: a stream that is faster than the
 * database must not fill the memory, and a reconcile reads the same from the venue.
 */
const WAITING_MAX = 1_000;

/** Records events of the private stream. A reconcile finds those that were missed or could not be recorded. */
export function createStreamEvents(options: StreamEventsOptions): PrivateStreamEvents {
  const { fence, orders, otherStacks, timer, frames, tag, metrics, log } = options;
  let waiting = 0;
  const record = async (work: () => Promise<unknown>): Promise<void> => {
    if (waiting >= WAITING_MAX) {
      metrics.privateFrames.inc({ kind: 'Excess' });
      timer.nudge();
      return;
    }
    waiting += 1;
    try {
      await work();
    } catch (error) {
      log.warn({ err: error }, 'recording a private stream event failed, the next reconcile finds it');
      timer.nudge();
    } finally {
      waiting -= 1;
    }
  };
  const onFill = async (fill: Fill): Promise<void> => {
    if ((await orders.onFill(fill)) !== 'Foreign') return;
    otherStacks.onFill(fill);
    // One of our orders has no row: the reconcile adopts it.
    if (fill.clientOrderId.startsWith(tag)) timer.nudge();
  };
  return {
    onFill: (fill) => {
      if (fence.recording) void record(async () => await onFill(fill));
    },
    onOrder: (report) => {
      const { clientOrderId, symbol, status } = report;
      if (!fence.recording) return;
      if (orders.get(clientOrderId) !== undefined)
        void record(async () => await orders.observe(clientOrderId, { kind: 'Reported', report }));
      else if (status === 'New') otherStacks.onTrace(symbol, { kind: 'Order', clientOrderId, ageMs: 0 });
    },
    onConnected: () => timer.nudge(),
    onDisconnected: () => {},
    onForeign: () => metrics.privateFrames.inc({ kind: 'Foreign' }),
    onMalformed: (frame, reason) => {
      metrics.privateFrames.inc({ kind: 'Malformed' });
      log.error({ reason }, 'private stream frame cannot be parsed');
      void frames.store(reason, frame);
      timer.nudge();
    },
  };
}
