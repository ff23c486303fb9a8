import type { AccountEvent } from '../../exchange-simulator/core/events.ts';
import type { VenueOrder } from '../../exchange-simulator/core/ledger.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { OrderReport, OrderReportStatus } from '../../shared/domain/orders/order-report.ts';
import type { VenueLogEntry } from '../../exchange-simulator/core/venue-log-entry.ts';

const STATUS: Readonly<Record<VenueOrder['status'], OrderReportStatus>> = {
  NEW: 'New',
  PARTIALLY_FILLED: 'PartiallyFilled',
  FILLED: 'Filled',
  CANCELED: 'Cancelled',
  PARTIALLY_CANCELED: 'Cancelled',
};

/** Returns an order as a query shows it. */
export function reportOf(order: VenueOrder): OrderReport {
  const { orderId: venueOrderId, clientOrderId, symbol, side, price, quantity, executed, status, type } = order;
  const resting = type === 'LIMIT' || type === 'LIMIT_MAKER';
  const seen = { executed, status: STATUS[status], resting, createdAt: order.time };
  return { venueOrderId, clientOrderId, symbol, side, price, quantity, ...seen };
}

/** Returns a fill as the venue reports it to its owner. */
export function fillOf(event: Extract<AccountEvent, { kind: 'fill' }>): Fill {
  const { tradeId: venueTradeId, orderId: venueOrderId, clientOrderId, symbol, side, price } = event;
  const { quantity, fee, feeAsset, maker, time } = event;
  return { venueTradeId, venueOrderId, clientOrderId, symbol, side, price, quantity, fee, feeAsset, maker, time };
}

/** Returns an event as an entry of the venue's log. */
export function logEntry(event: AccountEvent, seq: number): VenueLogEntry {
  if (event.kind === 'transferred')
    return { seq, kind: event.kind, time: event.time, asset: event.asset, amount: formatDecimal(event.amount) };
  const { kind, time, clientOrderId, symbol } = event;
  const base = { seq, kind, time, clientOrderId, symbol };
  if (kind === 'cancelled') return { ...base, orderId: event.orderId };
  const terms = {
    ...base,
    side: event.side,
    price: formatDecimal(event.price),
    quantity: formatDecimal(event.quantity),
  };
  if (kind !== 'fill') return { ...terms, type: event.type, receivedAt: event.request.receivedAt };
  const { tradeId, orderId, fee, feeAsset } = event;
  return { ...terms, tradeId, orderId, fee: formatDecimal(fee), feeAsset };
}
