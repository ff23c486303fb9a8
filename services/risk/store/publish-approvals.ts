import type { ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import { ORDERS_APPROVED } from '../../shared/contracts/keys.ts';
import type { Publisher, PublishResult } from '../../shared/redis/publisher.ts';

/** Publishes approvals to execution. Delivery is optional: execution finds approvals without an order in Postgres. */
export async function publishApprovals(
  publisher: Publisher,
  orders: readonly ApprovedOrderPayload[],
): Promise<readonly PublishResult[]> {
  return await publisher.publishAll(orders.map((payload) => ({ stream: ORDERS_APPROVED, payload })));
}
