import type { Pool } from 'pg';
import { transaction } from '../../../shared/postgres/transaction.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import type { Fence } from '../../core/role.ts';
import type { IntentOutcome } from '../../ports.ts';
import { insertIntent } from './insert-intent.ts';
import { insertOrderEvent } from './insert-order-event.ts';
import { announceOrder } from '../outbox/insert-outbox.ts';
import { lockOutbox } from '../outbox/lock-outbox.ts';

/** Set regardless of the server's default: an intent must survive a crash of the database. */
const DURABLE = `SET LOCAL synchronous_commit TO on`;

/**
 * Commits the first row of an order under the fence, with its first event and outbox message. Rejects with
 * CommitUnknownError when the outcome of the commit is unknown.
 */
export async function commitIntent(
  pool: Pool,
  stack: string,
  fence: Fence,
  order: OrderRecord,
): Promise<IntentOutcome> {
  return await transaction(pool, async (client) => {
    await client.query(DURABLE);
    await lockOutbox(client, stack);
    const outcome = await insertIntent(client, stack, fence, order);
    if (outcome !== 'Committed') return outcome;
    const by = { epoch: fence.epoch, atMs: order.intendedAtMs };
    await insertOrderEvent(client, stack, order, by);
    await announceOrder(client, stack, order, by);
    return outcome;
  });
}
