import { formatDecimal } from '../../../shared/domain/decimal.ts';
import { venueSymbolOf } from '../../../shared/venue/mexc/channels.ts';
import type { CancelRejected, ExchangeEvent } from '../../core/events.ts';
import type { VenueOrder } from '../../core/ledger.ts';
import { BAD_SYMBOL, missing, UNKNOWN_ORDER, type VenueRefusal } from '../../core/venue-refusal.ts';
import type { EndpointContext, SignedEndpoint } from './endpoint.ts';
import { parseCount, parseOrder, parseSymbol, type Parsed } from './order-parameters.ts';
import { cancelView, orderView } from './order-view.ts';
import type { SignedParameters } from './signed-request.ts';
import { answer, refuse, type VenueReply } from './venue-reply.ts';

/** MEXC's order endpoints (API document, "Spot Account/Trade"). */
export const ORDER_ENDPOINTS: readonly SignedEndpoint[] = [
  { access: 'signed', method: 'POST', path: '/api/v3/order', handle: place },
  { access: 'signed', method: 'POST', path: '/api/v3/order/test', handle: test },
  { access: 'signed', method: 'GET', path: '/api/v3/order', handle: query },
  { access: 'signed', method: 'DELETE', path: '/api/v3/order', handle: cancel },
  { access: 'signed', method: 'GET', path: '/api/v3/openOrders', handle: openOrders },
  { access: 'signed', method: 'DELETE', path: '/api/v3/openOrders', handle: cancelAll },
  { access: 'signed', method: 'GET', path: '/api/v3/allOrders', handle: allOrders },
];

const NOT_FOUND: VenueRefusal = { code: -2013, message: 'Order does not exist.' };
const NO_ID = missing("orderId' or 'origClientOrderId");

/** Places an order. The reply has no status, fills or client order ID; those come from the stream or a query. */
function place(signed: SignedParameters, context: EndpointContext): VenueReply {
  const nowMs = context.clock.nowMs();
  const order = parseOrder(signed, context.symbols, nowMs);
  if (!order.ok) return refuse(order.refusal);
  const [first] = context.market.apply(order.value, nowMs);
  if (first?.kind === 'rejected') return refuse(first);
  if (first?.kind !== 'placed') throw new Error('order was neither placed nor rejected');
  return answer({
    symbol: venueSymbolOf(first.symbol),
    orderId: first.orderId,
    orderListId: -1,
    price: formatDecimal(first.price),
    origQty: formatDecimal(first.quantity),
    type: first.type,
    side: first.side.toUpperCase(),
    transactTime: first.time,
  });
}

function test(signed: SignedParameters, context: EndpointContext): VenueReply {
  const order = parseOrder(signed, context.symbols, context.clock.nowMs());
  if (!order.ok) return refuse(order.refusal);
  const refusal = context.market.engine.refusalOf(order.value);
  return refusal === undefined ? answer({}) : refuse(refusal);
}

function query(signed: SignedParameters, context: EndpointContext): VenueReply {
  const found = findOrder(signed, context, NOT_FOUND);
  return found.ok ? answer(orderView(found.value)) : refuse(found.refusal);
}

function cancel(signed: SignedParameters, context: EndpointContext): VenueReply {
  const found = findOrder(signed, context, UNKNOWN_ORDER);
  if (!found.ok) return refuse(found.refusal);
  const { account, symbol, orderId } = found.value;
  const events = context.market.apply({ kind: 'cancel', account, symbol, orderId }, context.clock.nowMs());
  const rejected = events.find((event: ExchangeEvent): event is CancelRejected => event.kind === 'cancelRejected');
  if (rejected !== undefined) return refuse(rejected);
  return answer(cancelView(context.market.engine.ledger.order(orderId) ?? found.value));
}

function openOrders({ account, parameters }: SignedParameters, context: EndpointContext): VenueReply {
  const symbol = parseSymbol(parameters, context.symbols);
  if (!symbol.ok) return refuse(symbol.refusal);
  const orders = context.market.engine.ledger.openOrders(account, symbol.value);
  return answer(orders.map((order) => orderView(order)).reverse());
}

/** Cancels every open order of the account in one pair, or in up to five comma-separated pairs. */
function cancelAll({ account, parameters }: SignedParameters, context: EndpointContext): VenueReply {
  const { market, symbols, clock } = context;
  const names = parameters.get('symbol')?.split(',') ?? [];
  if (names.length === 0 || names.length > 5) return refuse(missing('symbol'));
  if (names.some((name) => !symbols.has(name))) return refuse(BAD_SYMBOL);
  const { ledger } = market.engine;
  const open = names.flatMap((name) => ledger.openOrders(account, symbols.get(name)));
  for (const { symbol, orderId } of open) market.apply({ kind: 'cancel', account, symbol, orderId }, clock.nowMs());
  return answer(open.flatMap(({ orderId }) => ledger.order(orderId) ?? []).map((order) => cancelView(order)));
}

/** Returns orders, newest first. The venue returns at most 1000, and the last day if no start is given. */
function allOrders({ account, parameters }: SignedParameters, context: EndpointContext): VenueReply {
  const symbol = parseSymbol(parameters, context.symbols);
  if (!symbol.ok) return refuse(symbol.refusal);
  const dayAgo = context.clock.nowMs() - 24 * 60 * 60 * 1_000;
  const limit = parseCount(parameters, 'limit', { fallback: 500, max: 1_000 });
  const start = parseCount(parameters, 'startTime', { fallback: dayAgo, max: Number.MAX_SAFE_INTEGER });
  const end = parseCount(parameters, 'endTime', { fallback: Infinity, max: Number.MAX_SAFE_INTEGER });
  if (limit === undefined || start === undefined || end === undefined) return refuse(missing('limit'));
  const orders = context.market.engine.ledger
    .orders(account, symbol.value)
    .filter(({ time }) => time >= start && time <= end);
  return answer(
    orders
      .slice(-limit)
      .map((order) => orderView(order))
      .reverse(),
  );
}

/** Finds an order by the venue's ID or the client order ID, within the given pair. */
function findOrder(signed: SignedParameters, context: EndpointContext, absent: VenueRefusal): Parsed<VenueOrder> {
  const { account, parameters } = signed;
  const symbol = parseSymbol(parameters, context.symbols);
  if (!symbol.ok) return symbol;
  const { ledger } = context.market.engine;
  const orderId = parameters.get('orderId');
  const clientOrderId = parameters.get('origClientOrderId');
  if (orderId === null && clientOrderId === null) return { ok: false, refusal: NO_ID };
  const order = orderId === null ? ledger.orderByClientId(account, clientOrderId ?? '') : ledger.order(orderId);
  const found = order?.account === account && order.symbol === symbol.value;
  return found ? { ok: true, value: order } : { ok: false, refusal: absent };
}
