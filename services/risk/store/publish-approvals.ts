import type { ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import { ORDERS_APPROVED } from '../../shared/contracts/keys.ts';
import type { Publisher, PublishResult } from '../../shared/redis/publisher.ts';

/** Publishes an approval to execution. Delivery is optional: execution finds approvals without an order in Postgres. */
export async function publishApproval(publisher: Publisher, order: ApprovedOrderPayload): Promise<PublishResult> {
  return await publisher.publish(ORDERS_APPROVED, order);
}
