import { z } from 'zod';
import { parseScientific, type Decimal } from '../../../domain/decimal.ts';
import type { Fill } from '../../../domain/orders/fill.ts';
import type { OrderReport, OrderReportStatus } from '../../../domain/orders/order-report.ts';
import type { Side } from '../../../domain/side.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { decodePush, type MexcPush } from './protobuf.ts';

/** Parsed frame of the private stream. */
export type PrivateFrame =
  | { readonly kind: 'Fill'; readonly fill: Fill }
  | { readonly kind: 'Order'; readonly report: OrderReport }
  /** A well-formed frame of a pair that is not traded here: other activity on the same account. */
  | { readonly kind: 'Foreign'; readonly symbol: string }
  /** Balances are read by REST: a push has only one asset's balance, without saying after which fill. */
  | { readonly kind: 'Account' }
  | { readonly kind: 'Pong' }
  | { readonly kind: 'Subscribed'; readonly channels: readonly string[] }
  /** The venue rejected a subscription. */
  | { readonly kind: 'Refused'; readonly message: string }
  | { readonly kind: 'Malformed'; readonly reason: string };

type Body<K extends MexcPush['body']['kind']> = MexcPush['body'] & { readonly kind: K };

/** private.orders, `status` (API document "Spot Account Orders"): 5 is cancelled with fills. */
const STATUSES: ReadonlyMap<number, OrderReportStatus> = new Map([
  [1, 'New'],
  [2, 'Filled'],
  [3, 'PartiallyFilled'],
  [4, 'Cancelled'],
  [5, 'Cancelled'],
]);
const SIDES: ReadonlyMap<number, Side> = new Map([
  [1, 'buy'],
  [2, 'sell'],
]);
/**
 * private.orders, `orderType`: 1 LIMIT and 2 POST_ONLY may rest; 3 IMMEDIATE_OR_CANCEL, 4 FILL_OR_KILL and 5 MARKET do
 * not.
 */
const RESTING = new Set([1, 2]);

/**
 * Parses a frame: protobuf in binary frames, JSON control in text frames. Never throws: an unreadable frame, including
 * a body of a newer schema, is Malformed, because it must not look like silence. `symbols` maps the venue's symbols to
 * canonical names.
 */
export function readPrivateFrame(
  data: Uint8Array,
  isBinary: boolean,
  symbols: ReadonlyMap<string, string>,
): PrivateFrame {
  try {
    return isBinary ? readPush(decodePush(data), symbols) : readControl(new TextDecoder().decode(data));
  } catch (error) {
    return { kind: 'Malformed', reason: messageOf(error).slice(0, 200) };
  }
}

const control = z.object({ code: z.number().optional(), msg: z.string() });

function readControl(text: string): PrivateFrame {
  const parsed = control.safeParse(json(text));
  if (!parsed.success) throw new Error(`text frame "${text.slice(0, 100)}"`);
  const { code = 0, msg } = parsed.data;
  if (msg === 'PONG') return { kind: 'Pong' };
  // An acknowledgement is the list of channels itself; anything else is a refusal as plain text.
  const channels = msg.split(',').map((channel) => channel.trim());
  const accepted = code === 0 && channels.every((channel) => channel.startsWith('spot@'));
  return accepted ? { kind: 'Subscribed', channels } : { kind: 'Refused', message: msg.slice(0, 200) };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readPush(push: MexcPush, symbols: ReadonlyMap<string, string>): PrivateFrame {
  const { body } = push;
  if (body.kind === 'privateAccount') return { kind: 'Account' };
  if (body.kind !== 'privateDeal' && body.kind !== 'privateOrder') {
    throw new Error(`unexpected body "${body.kind}" on channel "${push.channel.slice(0, 80)}"`);
  }
  const venueSymbol = nonEmpty('symbol', push.symbol);
  const symbol = symbols.get(venueSymbol);
  const frame: PrivateFrame =
    body.kind === 'privateDeal'
      ? { kind: 'Fill', fill: fillOf(body, symbol ?? venueSymbol) }
      : { kind: 'Order', report: reportOf(body, symbol ?? venueSymbol) };
  return symbol === undefined ? { kind: 'Foreign', symbol: venueSymbol.slice(0, 40) } : frame;
}

function fillOf(deal: Body<'privateDeal'>, symbol: string): Fill {
  return {
    venueTradeId: nonEmpty('tradeId', deal.tradeId),
    venueOrderId: nonEmpty('orderId', deal.orderId),
    clientOrderId: deal.clientOrderId,
    symbol,
    side: known('tradeType', SIDES.get(deal.tradeType), deal.tradeType),
    price: positive('price', deal.price),
    quantity: positive('quantity', deal.quantity),
    fee: parseScientific(deal.feeAmount),
    feeAsset: nonEmpty('feeCurrency', deal.feeCurrency),
    maker: deal.isMaker,
    time: deal.time,
  };
}

function reportOf(order: Body<'privateOrder'>, symbol: string): OrderReport {
  return {
    venueOrderId: nonEmpty('id', order.id),
    clientOrderId: order.clientId,
    symbol,
    side: known('tradeType', SIDES.get(order.tradeType), order.tradeType),
    price: parseScientific(order.price),
    quantity: parseScientific(order.quantity),
    executed: parseScientific(order.cumulativeQuantity),
    status: known('status', STATUSES.get(order.status), order.status),
    resting: RESTING.has(order.orderType),
    ...(order.createTime > 0 ? { createdAt: order.createTime } : {}),
  };
}

function known<T>(field: string, value: T | undefined, received: number): T {
  if (value === undefined) throw new Error(`${field} ${received} is not in the documents`);
  return value;
}

function nonEmpty(field: string, text: string): string {
  if (text === '') throw new Error(`${field} is empty`);
  return text;
}

function positive(field: string, text: string): Decimal {
  const value = parseScientific(text);
  if (value <= 0n) throw new Error(`${field} is not above zero`);
  return value;
}
