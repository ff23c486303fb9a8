import type { SenderFence } from '../fence/sender-fence.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { ExecutionStore } from '../ports.ts';
import type { Comparisons } from '../reconcile/comparisons.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface SuccessionOptions {
  readonly fence: Pick<SenderFence, 'grant'>;
  readonly rehearsal: Pick<Rehearsal, 'isRecent'>;
  readonly orders: Pick<LiveOrders, 'live' | 'malformed'>;
  readonly deadLetters: Pick<DeadLetters, 'sync'>;
  readonly comparisons: Pick<Comparisons, 'takeOver' | 'recordClock' | 'ready'>;
  readonly store: Pick<ExecutionStore, 'driftingAssets'>;
}

/**
 * Lets a rehearsed process begin with what the drained sender had compared, so that it need not reconcile before its
 * first order. Call it after the orders have been loaded for the grant. Resolves to whether orders may be sent. Safe,
 * because
 * - the drained sender let go with nothing in flight, and with every outcome and fill in the record. It recorded
 *   nothing afterwards, and nobody held the fence between its release and this grant;
 * - the record did not go back, so all of that is still there;
 * - an instrument counts only if the drained sender took all orders on it, and if none of our orders rests on it: then
 *   no order can have been executed there since. The others wait for their own comparison;
 * - a comparison keeps the age that it had, so that it becomes overdue as if its sender had gone on;
 * - what stops entries is read from the record first: drifts and what is set apart. What only the drained sender knew
 *   of an instrument, it left out;
 * - this process has reached the venue itself, a moment ago, and has compared the clocks.
 */
export async function takeOverComparisons(options: SuccessionOptions): Promise<boolean> {
  const { fence, rehearsal, orders, deadLetters, comparisons, store } = options;
  const { grant } = fence;
  if (grant?.drained !== true || grant.compared === undefined) return false;
  if (!rehearsal.isRecent() || orders.malformed().length > 0) return false;
  const { instruments, balances } = grant.compared;
  const [drifting] = await Promise.all([store.driftingAssets(), deadLetters.sync()]);
  // Whether a drift lasts, only a reading of the balances can show.
  const isEven = drifting.size === 0;
  const resting = new Set(orders.live().map(({ request }) => request.symbol));
  comparisons.takeOver({ instruments, balances: isEven ? balances : null }, resting);
  comparisons.recordClock(undefined);
  return comparisons.ready;
}
