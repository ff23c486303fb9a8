import { z } from 'zod';
import { parseScientific, ZERO, type Decimal } from '../../../domain/decimal.ts';
import { ORDER_TYPES } from '../../../domain/orders/order.ts';
import { stepOfDecimals, SYMBOL_PATTERN } from '../../../domain/instrument.ts';
import type { Listing, Listings } from '../../listing.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { venueSymbolOf } from '../channels.ts';

/**
 * Parses the reply of `GET /api/v3/exchangeInfo` (MEXC spot v3, "Exchange Information"). The decimals of prices and
 * quantities are `quoteAssetPrecision` and `baseAssetPrecision`. `baseSizePrecision` is the minimum quantity,
 * `quoteAmountPrecision` the minimum notional and `maxQuoteAmount` the maximum notional. Status 1 is online, 2 paused,
 * 3 offline; tradeSideType 1 is both sides. `orderTypes` lists LIMIT, MARKET and LIMIT_MAKER in the example, although
 * IMMEDIATE_OR_CANCEL and FILL_OR_KILL are order types too ("Enum definitions"). Throws VenueReplyError if the body is
 * not an exchangeInfo.
 */
export function parseExchangeInfo(body: unknown): Listings {
  const reply = replySchema.safeParse(body);
  if (!reply.success) throw new VenueReplyError('BadReply', `exchangeInfo: ${z.prettifyError(reply.error)}`);
  const listings: Listing[] = [];
  const unreadable: string[] = [];
  for (const row of reply.data.symbols) {
    const listing = parseRow(row);
    if (listing === undefined) unreadable.push(nameOf(row));
    else listings.push(listing);
  }
  return { listings, unreadable };
}

const numberText = z.union([z.string(), z.number()]).transform((value, context): Decimal => {
  try {
    return parseScientific(String(value));
  } catch {
    context.addIssue({ code: 'custom', message: 'not an exact decimal' });
    return z.NEVER;
  }
});
const precision = z.coerce.number().int().min(0).max(18);

const replySchema = z.object({ symbols: z.array(z.unknown()).max(50_000) });
const rowSchema = z.object({
  symbol: z.string().max(40),
  status: z.coerce.string().max(20),
  baseAsset: z.string().min(1).max(20),
  quoteAsset: z.string().min(1).max(20),
  baseAssetPrecision: precision,
  quoteAssetPrecision: precision.optional(),
  quotePrecision: precision,
  baseSizePrecision: numberText,
  quoteAmountPrecision: numberText,
  maxQuoteAmount: numberText,
  makerCommission: numberText.optional(),
  takerCommission: numberText.optional(),
  // A list that cannot be read is an unknown list: it must not take the other rules of the pair along.
  orderTypes: z.array(z.string()).max(50).optional().catch(undefined),
  isSpotTradingAllowed: z.boolean(),
  tradeSideType: z.coerce.number().optional(),
});

function parseRow(row: unknown): Listing | undefined {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return undefined;
  const raw = parsed.data;
  const symbol = `${raw.baseAsset}/${raw.quoteAsset}`.toUpperCase();
  if (!SYMBOL_PATTERN.test(symbol) || raw.symbol !== venueSymbolOf(symbol)) return undefined;
  const reason = refusalOf(raw);
  const listed = raw.orderTypes;
  return {
    instrument: {
      symbol,
      base: raw.baseAsset.toUpperCase(),
      quote: raw.quoteAsset.toUpperCase(),
      tickSize: stepOfDecimals(raw.quoteAssetPrecision ?? raw.quotePrecision),
      lotSize: stepOfDecimals(raw.baseAssetPrecision),
      minQuantity: raw.baseSizePrecision,
      minNotional: raw.quoteAmountPrecision,
      maxNotional: raw.maxQuoteAmount,
      makerFee: raw.makerCommission ?? ZERO,
      takerFee: raw.takerCommission ?? ZERO,
      ...(listed === undefined ? {} : { orderTypes: ORDER_TYPES.filter((type) => listed.includes(type)) }),
    },
    tradable: reason === '',
    reason,
  };
}

function refusalOf(raw: z.output<typeof rowSchema>): string {
  if (raw.status !== '1' && raw.status !== 'ENABLED') return `status ${raw.status} (1 is online, 2 paused, 3 offline)`;
  if (!raw.isSpotTradingAllowed) return 'spot trading through the API is not allowed';
  if (raw.tradeSideType !== undefined && raw.tradeSideType !== 1) {
    return `tradeSideType ${raw.tradeSideType} (1 is both sides, 2 buy only, 3 sell only, 4 closed)`;
  }
  return '';
}

function nameOf(row: unknown): string {
  const name = z.object({ symbol: z.string() }).safeParse(row);
  return name.success ? name.data.symbol.slice(0, 40) : '?';
}
