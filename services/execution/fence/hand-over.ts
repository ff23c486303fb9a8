import type { Logger } from '../../shared/runtime/logger.ts';
import { isUnanswered } from '../core/order-decider.ts';
import type { Canceller } from '../orders/canceller.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { Resolver } from '../orders/resolver.ts';
import type { Sender } from '../orders/sender.ts';
import type { SenderFence } from './sender-fence.ts';

export interface HandOverOptions {
  readonly fence: Pick<SenderFence, 'sender' | 'retire' | 'release'>;
  readonly sender: Pick<Sender, 'idle'>;
  readonly orders: Pick<LiveOrders, 'live'>;
  readonly canceller: Pick<Canceller, 'cancelAll'>;
  readonly resolver: Pick<Resolver, 'settleAll'>;
  /** Publishes what the outbox has, within about a second. Never rejects. */
  readonly flushOutbox: () => Promise<void>;
  readonly log: Logger;
}

/**
 * Hands over to the next sender: takes no more orders, cancels resting ones while it waits for the outcome of the one
 * being sent, cancels what that left, relays the last messages, and releases the fence when every outcome is known.
 * After a failure, the next sender resolves the rest.
 */
export async function handOver({
  fence,
  sender,
  orders,
  canceller,
  resolver,
  flushOutbox,
  log,
}: HandOverOptions): Promise<void> {
  const { role } = fence.sender;
  fence.retire();
  if (role !== 'activating' && role !== 'active') return;
  // What rests does not wait for an intent that hangs in the database.
  await Promise.all([canceller.cancelAll(), sender.idle()]);
  try {
    await canceller.cancelAll();
    await resolver.settleAll();
  } catch (error) {
    log.warn({ err: error }, 'settling orders failed, the next sender continues');
  }
  // Without the fence, nothing may be relayed any more: the readers would wait for the next sender.
  await flushOutbox();
  // A process that was not active yet does not know what older senders have in flight.
  if (role === 'active' && orders.live().every(({ state }) => !isUnanswered(state))) await fence.release();
}
