import type { FillPayload, OrderEventPayload } from '../../../shared/contracts/messages/order-event.ts';
import { FILLS, ORDERS_EVENTS } from '../../../shared/contracts/keys.ts';
import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import { reasonOf } from '../orders/order-row.ts';

/** $1 stack, $2 stream, $3 payload. */
const INSERT_OUTBOX = `INSERT INTO trading.outbox (stack, stream, payload) VALUES ($1, $2, $3::jsonb)`;

/** Epoch of the writer and time of a change. */
interface Change {
  readonly epoch: number;
  readonly atMs: number;
}

export async function announceOrder(on: Queryable, stack: string, order: OrderRecord, by: Change): Promise<void> {
  await on.query(INSERT_OUTBOX, [stack, ORDERS_EVENTS, JSON.stringify(orderEventOf(stack, order, by))]);
}

/** Returns the message about an order, as it is after a change. */
export function orderEventOf(stack: string, order: OrderRecord, by: Change): OrderEventPayload {
  const reason = reasonOf(order.state);
  return {
    stack,
    strategy: order.strategy,
    clientOrderId: order.request.clientOrderId,
    symbol: order.request.symbol,
    state: order.state.kind,
    filled: formatDecimal(order.filled),
    ...(reason === null ? {} : { reason: reason.slice(0, 200) }),
    epoch: by.epoch,
    at: by.atMs,
  };
}

export async function announceFill(on: Queryable, stack: string, order: OrderRecord, fill: Fill): Promise<void> {
  const payload: FillPayload = {
    stack,
    strategy: order.strategy,
    clientOrderId: order.request.clientOrderId,
    venueTradeId: fill.venueTradeId,
    venueOrderId: fill.venueOrderId,
    symbol: fill.symbol,
    side: fill.side,
    price: formatDecimal(fill.price),
    quantity: formatDecimal(fill.quantity),
    fee: formatDecimal(fill.fee),
    feeAsset: fill.feeAsset,
    maker: fill.maker,
    time: fill.time,
  };
  await on.query(INSERT_OUTBOX, [stack, FILLS, JSON.stringify(payload)]);
}
