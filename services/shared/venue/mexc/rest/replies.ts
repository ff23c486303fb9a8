import { z } from 'zod';
import { add, parseScientific, type Decimal } from '../../../domain/decimal.ts';
import type { Fill } from '../../../domain/orders/fill.ts';
import type { OrderReport, OrderReportStatus } from '../../../domain/orders/order-report.ts';
import type { ListedOrder, UnreadFill, UnreadOrder } from '../../../domain/orders/unread-row.ts';
import type { UnreadBalance, VenueBalance } from '../../trading-venue.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { partsOf, rowsOf, rowText, unreadRow } from './unread-rows.ts';

// Parsers of MEXC's signed REST replies (API document "Spot Account/Trade") into our own types. Each throws
// VenueReplyError on any other body.

/** Order statuses. PARTIALLY_CANCELED means cancelled with fills. */
const STATUSES = {
  NEW: 'New',
  PARTIALLY_FILLED: 'PartiallyFilled',
  FILLED: 'Filled',
  CANCELED: 'Cancelled',
  PARTIALLY_CANCELED: 'Cancelled',
} as const satisfies Record<string, OrderReportStatus>;

const SIDES = { BUY: 'buy', SELL: 'sell' } as const;

const id = z.union([z.string().min(1), z.int()]).transform(String);
/** The documents show amounts as strings everywhere; a JSON number would already have passed through a double. */
const amount = z.string().transform((value, context): Decimal => {
  try {
    return parseScientific(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'not an exact decimal' });
    return z.NEVER;
  }
});
const text = z.string().nullish();

const placed = z.object({ orderId: id });
const order = z.object({
  symbol: z.string(),
  orderId: id,
  clientOrderId: text,
  price: amount,
  origQty: amount,
  executedQty: amount,
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'PARTIALLY_CANCELED']),
  type: z.string(),
  side: z.enum(['BUY', 'SELL']),
  time: z.int().nullish(),
});
const trade = z.object({
  symbol: z.string(),
  id,
  orderId: id,
  price: amount,
  qty: amount,
  commission: amount,
  commissionAsset: z.string(),
  time: z.int(),
  isBuyer: z.boolean(),
  isMaker: z.boolean(),
  clientOrderId: text,
});
/** An ID that may be stored and searched for, of a row that cannot be read. */
const plainId = id.refine((value) => /^[\x21-\x7e]{1,100}$/.test(value));
const ourId = text.transform((value) => value ?? '');
/** An amount of such a row: what it has beyond our decimals is cut. */
const nearly = z
  .string()
  .transform((value) => value.replace(/^(-?\d+\.\d{18})\d+$/, '$1'))
  .pipe(amount);
const tradeParts = trade.extend({
  id: plainId,
  orderId: plainId,
  clientOrderId: ourId,
  price: nearly,
  qty: nearly,
  quoteQty: nearly,
  commission: nearly,
});
const orderParts = order.extend({
  orderId: plainId,
  clientOrderId: ourId,
  price: nearly,
  origQty: nearly,
  executedQty: nearly,
});
/** Without the name of an asset nothing is known of the account. An amount concerns its own asset only. */
const account = z.object({ balances: z.array(z.looseObject({ asset: z.string().min(1) })) });
const balance = z.object({ free: amount, locked: amount }).refine(hasTotal, 'free and locked exceed a decimal');
const time = z.object({ serverTime: z.int().positive() });
const listenKey = z.object({ listenKey: z.string().min(1) });

/** Canonical names by the venue's symbol. */
export type SymbolNames = ReadonlyMap<string, string>;

export function parsePlaced(body: unknown): { readonly venueOrderId: string } {
  return { venueOrderId: parsed(placed, body).orderId };
}

export function parseOrder(body: unknown, symbols: SymbolNames): OrderReport {
  return reportOf(parsed(order, body), symbols);
}

/** Returns the orders as they are listed. A row that cannot be read concerns its own order only. */
export function parseOrders(body: unknown, symbols: SymbolNames): readonly ListedOrder[] {
  return rowsOf(body, requested(order, symbols)).map(({ row, data, problem }) =>
    data === undefined ? unreadOrder(row, problem, symbols) : reportOf(data, symbols),
  );
}

/** Returns the trades as they are listed. A row that cannot be read concerns its own trade only. */
export function parseTrades(body: unknown, symbols: SymbolNames): readonly (Fill | UnreadFill)[] {
  return rowsOf(body, requested(trade, symbols)).map(({ row, data, problem }) =>
    data === undefined ? unreadFill(row, problem, symbols) : fillOf(data, symbols),
  );
}

function requested<S extends z.ZodType<{ readonly symbol: string }>>(schema: S, symbols: SymbolNames): S {
  return schema.refine(({ symbol }) => symbols.has(symbol), {
    error: ({ input }) => `symbol ${(input as { readonly symbol: string }).symbol} was not requested`,
  });
}

function unreadOrder(row: unknown, problem: string, symbols: SymbolNames): UnreadOrder {
  const parts = partsOf(orderParts, row);
  return unreadRow<OrderReport>(row, problem, {
    venueOrderId: parts.orderId,
    clientOrderId: parts.clientOrderId,
    symbol: symbols.get(parts.symbol ?? ''),
    side: parts.side && SIDES[parts.side],
    price: parts.price,
    quantity: parts.origQty,
    executed: parts.executedQty,
    createdAt: parts.time ?? undefined,
  });
}

function unreadFill(row: unknown, problem: string, symbols: SymbolNames): UnreadFill {
  const { isBuyer, ...parts } = partsOf(tradeParts, row);
  return unreadRow(row, problem, {
    venueTradeId: parts.id,
    venueOrderId: parts.orderId,
    clientOrderId: parts.clientOrderId,
    symbol: symbols.get(parts.symbol ?? ''),
    side: isBuyer === undefined ? undefined : sideOf(isBuyer),
    price: parts.price,
    quantity: parts.qty,
    quoteQuantity: parts.quoteQty,
    fee: parts.commission,
    feeAsset: parts.commissionAsset,
    time: parts.time,
  });
}

function fillOf(row: z.output<typeof trade>, symbols: SymbolNames): Fill {
  return {
    venueTradeId: row.id,
    venueOrderId: row.orderId,
    clientOrderId: row.clientOrderId ?? '',
    symbol: nameOf(row.symbol, symbols),
    side: sideOf(row.isBuyer),
    price: row.price,
    quantity: row.qty,
    fee: row.commission,
    feeAsset: row.commissionAsset,
    maker: row.isMaker,
    time: row.time,
  };
}

/** Returns balances by asset. The venue omits assets with a zero balance. */
export function parseAccount(body: unknown): ReadonlyMap<string, VenueBalance | UnreadBalance> {
  return new Map(parsed(account, body).balances.map((row) => [row.asset, balanceOf(row)]));
}

function balanceOf(row: Readonly<Record<string, unknown>>): VenueBalance | UnreadBalance {
  const { success, data, error } = balance.safeParse(row);
  return success ? data : { problem: `${z.prettifyError(error)} in ${rowText(row, 200)}` };
}

function hasTotal({ free, locked }: VenueBalance): boolean {
  try {
    add(free, locked);
    return true;
  } catch {
    return false;
  }
}

/** Returns the venue's time in UTC milliseconds. */
export function parseTime(body: unknown): number {
  return parsed(time, body).serverTime;
}

export function parseListenKey(body: unknown): string {
  return parsed(listenKey, body).listenKey;
}

function reportOf(row: z.output<typeof order>, symbols: SymbolNames): OrderReport {
  return {
    venueOrderId: row.orderId,
    clientOrderId: row.clientOrderId ?? '',
    symbol: nameOf(row.symbol, symbols),
    side: SIDES[row.side],
    price: row.price,
    quantity: row.origQty,
    executed: row.executedQty,
    status: STATUSES[row.status],
    resting: row.type === 'LIMIT' || row.type === 'LIMIT_MAKER',
    ...(typeof row.time === 'number' ? { createdAt: row.time } : {}),
  };
}

function sideOf(isBuyer: boolean): Fill['side'] {
  return isBuyer ? SIDES.BUY : SIDES.SELL;
}

function nameOf(venueSymbol: string, symbols: SymbolNames): string {
  const symbol = symbols.get(venueSymbol);
  if (symbol === undefined) throw new VenueReplyError('BadReply', `symbol ${venueSymbol} was not requested`);
  return symbol;
}

function parsed<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (!result.success) throw new VenueReplyError('BadReply', z.prettifyError(result.error));
  return result.data;
}
