import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { ApprovedOrder } from '../../services/execution/core/order-record.ts';
import { approve } from '../../services/shared/domain/approved.ts';
import { formatDecimal, parseDecimal } from '../../services/shared/domain/decimal.ts';
import { clientOrderIdOf, stackTagOf, type Digest } from '../../services/shared/domain/ids.ts';

export const sha256: Digest = (text) => createHash('sha256').update(text).digest();
export const TEST_STACK = 'demo-12345678';
export const TEST_TAG = stackTagOf(TEST_STACK, sha256);

/** An approved buy of 10 XRP at 0.0014 ETH; `change` replaces members. */
export function approvedOrder(decisionId: string, change: Partial<ApprovedOrder> = {}): ApprovedOrder {
  return approve({
    decisionId,
    stack: TEST_STACK,
    strategy: 'trend',
    clientOrderId: clientOrderIdOf(TEST_STACK, decisionId, 0, sha256),
    symbol: 'XRP/ETH',
    side: 'buy',
    type: 'IMMEDIATE_OR_CANCEL',
    price: parseDecimal('0.0014'),
    quantity: parseDecimal('10'),
    deadline: 4_000_000_000_000,
    decidedAt: 1_700_000_000_000,
    riskHash: 'hash',
    release: 'test',
    ...change,
  });
}

/** Commits the approval as risk does. */
export async function insertApproval(pool: Pool, order: ApprovedOrder): Promise<void> {
  const payload = { ...order, price: formatDecimal(order.price), quantity: formatDecimal(order.quantity) };
  await pool.query(
    `INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
     VALUES ($1, $2, $3, $4, true, 'Approved', '', '{}', $5, $6, $7, $8, $9)`,
    [
      order.stack,
      order.decisionId,
      order.strategy,
      order.symbol,
      order.clientOrderId,
      JSON.stringify(payload),
      new Date(order.deadline),
      order.release,
      new Date(order.decidedAt),
    ],
  );
}
