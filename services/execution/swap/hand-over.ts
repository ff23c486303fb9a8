import type { Logger } from '../../shared/runtime/logger.ts';
import { isHolding } from '../core/role.ts';
import type { Canceller } from '../orders/canceller.ts';
import type { Resolver } from '../orders/resolver.ts';
import type { Sender } from '../orders/sender.ts';
import { letGo, type LetGoOptions } from './let-go.ts';

export interface HandOverOptions extends LetGoOptions {
  readonly sender: Pick<Sender, 'idle'>;
  readonly canceller: Pick<Canceller, 'cancelAll'>;
  readonly resolver: Pick<Resolver, 'settleAll'>;
  readonly log: Logger;
}

/**
 * Hands over to the next sender when the process stops, also in the middle of a drain: takes no more orders, cancels
 * resting ones while it waits for the outcome of the one being sent, cancels what that left, and releases the fence
 * when every outcome is known. After a failure, the next sender resolves the rest.
 */
export async function handOver(options: HandOverOptions): Promise<void> {
  const { fence, sender, canceller, resolver, log } = options;
  const { role } = fence.sender;
  fence.retire();
  if (!isHolding(role)) return;
  // What rests does not wait for an intent that hangs in the database.
  await Promise.all([canceller.cancelAll(), sender.idle()]);
  try {
    await canceller.cancelAll();
    await resolver.settleAll();
  } catch (error) {
    log.warn({ err: error }, 'settling orders failed, the next sender continues');
  }
  const why = await letGo(options, 'Carry');
  if (why !== undefined) log.warn({ why }, 'the fence is not released, the next sender waits');
}
