import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { notionalOf, stepOfDecimals, type Instrument } from '../../../shared/domain/instrument.ts';
import { venueSymbolOf } from '../../../shared/venue/mexc/channels.ts';
import type { Traded } from '../../core/events.ts';
import { BAD_SYMBOL, missing } from '../../core/venue-refusal.ts';
import { levelText, tickerOf } from '../../stream/mexc/public-feed.ts';
import type { EndpointContext, PublicEndpoint } from './endpoint.ts';
import { parseCount, parseSymbol } from './order-parameters.ts';
import { answer, refuse, type VenueReply } from './venue-reply.ts';

/** What MEXC lists of each pair in its example. It takes IMMEDIATE_OR_CANCEL and FILL_OR_KILL too. */
const LISTED_ORDER_TYPES = ['LIMIT', 'MARKET', 'LIMIT_MAKER'];

/** MEXC's public endpoints (API document, "Market Data Endpoints"). */
export const MARKET_ENDPOINTS: readonly PublicEndpoint[] = [
  { access: 'public', method: 'GET', path: '/api/v3/ping', handle: () => answer({}) },
  {
    access: 'public',
    method: 'GET',
    path: '/api/v3/time',
    handle: (_parameters, { clock }) => answer({ serverTime: clock.nowMs() }),
  },
  { access: 'public', method: 'GET', path: '/api/v3/exchangeInfo', handle: exchangeInfo },
  {
    access: 'public',
    method: 'GET',
    path: '/api/v3/defaultSymbols',
    handle: (_parameters, { symbols }) => answer({ code: 0, data: symbols.keys(), msg: null }),
  },
  { access: 'public', method: 'GET', path: '/api/v3/depth', handle: depth },
  { access: 'public', method: 'GET', path: '/api/v3/trades', handle: trades },
  { access: 'public', method: 'GET', path: '/api/v3/aggTrades', handle: aggTrades },
  { access: 'public', method: 'GET', path: '/api/v3/ticker/bookTicker', handle: bookTicker },
  // A client that loads all markets requests futures too. This venue has none.
  {
    access: 'public',
    method: 'GET',
    path: '/api/v1/contract/detail',
    handle: () => answer({ success: true, code: 0, data: [] }),
  },
  {
    access: 'public',
    method: 'GET',
    path: '/api/v1/contract/ping',
    handle: (_parameters, { clock }) => answer({ success: true, code: 0, data: clock.nowMs() }),
  },
];

function exchangeInfo(parameters: URLSearchParams, context: EndpointContext): VenueReply {
  const requested = parameters.get('symbol') ?? parameters.get('symbols');
  const names = requested === null ? context.symbols.keys() : requested.split(',');
  const rows = names.flatMap((name) => {
    const instrument = context.market.engine.instrument(context.symbols.get(name) ?? '');
    return instrument === undefined ? [] : [instrumentRow(instrument)];
  });
  if (rows.length === 0) return refuse(BAD_SYMBOL);
  return answer({
    timezone: 'CST',
    serverTime: context.clock.nowMs(),
    rateLimits: [],
    exchangeFilters: [],
    symbols: rows,
  });
}

function instrumentRow(instrument: Instrument): Readonly<Record<string, unknown>> {
  const [baseDecimals, quoteDecimals] = [decimalsOf(instrument.lotSize), decimalsOf(instrument.tickSize)];
  return {
    symbol: venueSymbolOf(instrument.symbol),
    status: '1',
    baseAsset: instrument.base,
    baseAssetPrecision: baseDecimals,
    quoteAsset: instrument.quote,
    quotePrecision: quoteDecimals,
    quoteAssetPrecision: quoteDecimals,
    baseCommissionPrecision: baseDecimals,
    quoteCommissionPrecision: quoteDecimals,
    orderTypes: LISTED_ORDER_TYPES,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    quoteAmountPrecision: formatDecimal(instrument.minNotional),
    baseSizePrecision: formatDecimal(instrument.minQuantity),
    permissions: ['SPOT'],
    filters: [{ filterType: 'PERCENT_PRICE_BY_SIDE', bidMultiplierUp: '5', askMultiplierDown: '0.2' }],
    maxQuoteAmount: formatDecimal(instrument.maxNotional),
    makerCommission: formatDecimal(instrument.makerFee),
    takerCommission: formatDecimal(instrument.takerFee),
    quoteAmountPrecisionMarket: formatDecimal(instrument.minNotional),
    maxQuoteAmountMarket: formatDecimal(instrument.maxNotional),
    fullName: instrument.base,
    tradeSideType: 1,
    contractAddress: '',
    st: false,
  };
}

/** Returns the decimals of a step that is a power of ten; undefined otherwise, because MEXC cannot represent it. */
export function decimalsOf(step: Decimal): number | undefined {
  for (let decimals = 0; decimals <= 18; decimals += 1) if (stepOfDecimals(decimals) === step) return decimals;
  return undefined;
}

function depth(parameters: URLSearchParams, context: EndpointContext): VenueReply {
  const limit = parseCount(parameters, 'limit', { fallback: 100, max: 5_000 });
  if (limit === undefined) return refuse(missing('limit'));
  return withInstrument(parameters, context, (instrument) => {
    const book = context.market.engine.book(instrument.symbol);
    const side = (name: 'buy' | 'sell'): readonly (readonly string[])[] =>
      book.levels(name, limit).map((level) => {
        const { price, quantity } = levelText(level, instrument);
        return [price, quantity];
      });
    return answer({
      lastUpdateId: book.version,
      bids: side('buy'),
      asks: side('sell'),
      timestamp: context.clock.nowMs(),
    });
  });
}

/** Returns public trades. The venue's public trades have no ID. */
function trades(parameters: URLSearchParams, context: EndpointContext): VenueReply {
  return withTrades(parameters, context, ({ price, quantity, time, takerSide }) => ({
    id: null,
    price: formatDecimal(price),
    qty: formatDecimal(quantity),
    quoteQty: formatDecimal(notionalOf(price, quantity)),
    time,
    isBuyerMaker: takerSide === 'sell',
    isBestMatch: true,
    tradeType: takerSide === 'buy' ? 'BID' : 'ASK',
  }));
}

function aggTrades(parameters: URLSearchParams, context: EndpointContext): VenueReply {
  return withTrades(parameters, context, ({ price, quantity, time, takerSide }) => ({
    a: null,
    f: null,
    l: null,
    p: formatDecimal(price),
    q: formatDecimal(quantity),
    T: time,
    m: takerSide === 'sell',
    M: true,
  }));
}

function withTrades(
  parameters: URLSearchParams,
  context: EndpointContext,
  row: (trade: Traded) => Readonly<Record<string, unknown>>,
): VenueReply {
  const limit = parseCount(parameters, 'limit', { fallback: 500, max: 1_000 });
  if (limit === undefined) return refuse(missing('limit'));
  return withInstrument(parameters, context, ({ symbol }) =>
    answer(context.recentTrades.newest(symbol, limit).map((trade) => row(trade))),
  );
}

function bookTicker(parameters: URLSearchParams, context: EndpointContext): VenueReply {
  const row = (instrument: Instrument): Readonly<Record<string, unknown>> => {
    const ticker = tickerOf(context.market.engine, instrument);
    return {
      symbol: venueSymbolOf(instrument.symbol),
      bidPrice: ticker?.bidPrice ?? '0',
      bidQty: ticker?.bidQuantity ?? '0',
      askPrice: ticker?.askPrice ?? '0',
      askQty: ticker?.askQuantity ?? '0',
    };
  };
  if (parameters.has('symbol')) return withInstrument(parameters, context, (instrument) => answer(row(instrument)));
  const { engine } = context.market;
  return answer(
    context.symbols
      .values()
      .flatMap((symbol) => engine.instrument(symbol) ?? [])
      .map((instrument) => row(instrument)),
  );
}

function withInstrument(
  parameters: URLSearchParams,
  { market, symbols }: EndpointContext,
  reply: (instrument: Instrument) => VenueReply,
): VenueReply {
  const symbol = parseSymbol(parameters, symbols);
  if (!symbol.ok) return refuse(symbol.refusal);
  const instrument = market.engine.instrument(symbol.value);
  return instrument === undefined ? refuse(BAD_SYMBOL) : reply(instrument);
}
