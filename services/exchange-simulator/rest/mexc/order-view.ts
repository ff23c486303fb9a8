import { formatDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import { notionalOf } from '../../../shared/domain/instrument.ts';
import { venueSymbolOf } from '../../../shared/venue/mexc/channels.ts';
import type { Filled, VenueOrderType } from '../../core/events.ts';
import type { VenueOrder } from '../../core/ledger.ts';

/** Order as returned by GET /api/v3/order, openOrders and allOrders (API document, "Query Order"). */
export function orderView(order: VenueOrder): Readonly<Record<string, unknown>> {
  return {
    symbol: venueSymbolOf(order.symbol),
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId === '' ? null : order.clientOrderId,
    price: formatDecimal(order.price),
    origQty: formatDecimal(order.quantity),
    executedQty: formatDecimal(order.executed),
    cummulativeQuoteQty: formatDecimal(order.executedQuote),
    status: order.status,
    timeInForce: timeInForceOf(order.type),
    type: order.type,
    side: order.side.toUpperCase(),
    stopPrice: null,
    icebergQty: null,
    time: order.time,
    updateTime: order.updateTime,
    isWorking: order.status === 'NEW' || order.status === 'PARTIALLY_FILLED',
    origQuoteOrderQty: formatDecimal(
      order.quoteQuantity > ZERO ? order.quoteQuantity : notionalOf(order.price, order.quantity),
    ),
  };
}

/** Order as returned by a cancel request (API document, "Cancel Order"). */
export function cancelView(order: VenueOrder): Readonly<Record<string, unknown>> {
  const { clientOrderId, ...shown } = orderView(order);
  return { ...shown, origClientOrderId: clientOrderId };
}

/** Fill as returned by GET /api/v3/myTrades (API document, "Account Trade List"). */
export function fillView(fill: Filled): Readonly<Record<string, unknown>> {
  return {
    symbol: venueSymbolOf(fill.symbol),
    id: fill.tradeId,
    orderId: fill.orderId,
    orderListId: -1,
    price: formatDecimal(fill.price),
    qty: formatDecimal(fill.quantity),
    quoteQty: formatDecimal(notionalOf(fill.price, fill.quantity)),
    commission: formatDecimal(fill.fee),
    commissionAsset: fill.feeAsset,
    time: fill.time,
    isBuyer: fill.side === 'buy',
    isMaker: fill.maker,
    isBestMatch: true,
    isSelfTrade: fill.selfTrade,
    clientOrderId: fill.clientOrderId === '' ? null : fill.clientOrderId,
  };
}

function timeInForceOf(type: VenueOrderType): string | null {
  if (type === 'IMMEDIATE_OR_CANCEL') return 'IOC';
  if (type === 'FILL_OR_KILL') return 'FOK';
  return type === 'MARKET' ? null : 'GTC';
}
