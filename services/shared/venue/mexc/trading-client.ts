import { formatDecimal } from '../../domain/decimal.ts';
import type { TradingVenue } from '../trading-venue.ts';
import { venueSymbolOf } from './channels.ts';
import { fillPageOf, fillPageParams } from './rest/fill-page.ts';
import { measureSkew } from '../measure-skew.ts';
import { VenueTime } from '../venue-time.ts';
import {
  parseAccount,
  parseOrder,
  parseOrders,
  parsePlaced,
  parseTime,
  parseTrades,
  type SymbolNames,
} from './rest/replies.ts';
import { MEXC_RULES } from './rules.ts';
import { createMexcRest, type MexcRequest, type MexcRestOptions } from './rest/signed-rest.ts';

/** "Timestamp for this request is outside of the recvWindow." */
const OUTSIDE_WINDOW = '700003';

export interface MexcClientOptions extends MexcRestOptions {
  /**
   * Canonical symbols that a reply may name, in addition to the requested one. A reply that names any other symbol is
   * unreadable.
   */
  readonly symbols: readonly string[];
}

export interface MexcClient extends TradingVenue {
  /** Closes every connection. */
  close(): void;
}

/**
 * MEXC spot v3 as the account's venue (API document "Spot Account/Trade"). Fills and reports have an empty client order
 * ID where the venue sends none; join them by the venue's order ID. The venue keeps fills for one month at most. Throws
 * RangeError on a window longer than two seconds.
 */
export function createMexcClient(options: MexcClientOptions): MexcClient {
  const { clock, recvWindowMs } = options;
  const venueTime = new VenueTime(clock);
  // An order outlives the settings it was sent under, so the requested symbol is always known.
  const namesWith = (symbol: string): SymbolNames =>
    new Map([...options.symbols, symbol].map((name) => [venueSymbolOf(name), name]));
  const rest = createMexcRest(options);
  return {
    rules: MEXC_RULES,
    place: async (order, terms) => {
      const params = {
        symbol: venueSymbolOf(order.symbol),
        side: order.side.toUpperCase(),
        type: order.type,
        price: formatDecimal(order.price),
        quantity: formatDecimal(order.quantity),
        newClientOrderId: order.clientOrderId,
      };
      return await rest.call({ access: 'private', method: 'POST', path: 'order', params, terms }, parsePlaced);
    },
    cancel: async (symbol, clientOrderId) => {
      const { comparison } = venueTime;
      const stampedMs = clock.monotonicMs();
      const stamped = { timestampMs: venueTime.nowMs(), recvWindowMs, refusal: () => undefined };
      const request = { ...orderOf(symbol, clientOrderId), method: 'DELETE', terms: stamped } as const;
      const reply = await rest.call(request, parsePlaced);
      // A request that took longer may have left its window on the way.
      const wasInTime = clock.monotonicMs() - stampedMs < recvWindowMs;
      if (reply.kind === 'rejected' && reply.code === OUTSIDE_WINDOW && wasInTime) venueTime.forget(comparison);
      return reply.kind === 'ok' ? { kind: 'ok', value: undefined } : reply;
    },
    order: async (symbol, clientOrderId) =>
      await rest.call(orderOf(symbol, clientOrderId), (body) => parseOrder(body, namesWith(symbol))),
    openOrders: async (symbol) => {
      const params = { symbol: venueSymbolOf(symbol) };
      return await rest.call(get('openOrders', params), (body) => parseOrders(body, namesWith(symbol)));
    },
    fills: async (symbol, range) => {
      const params = { symbol: venueSymbolOf(symbol), ...fillPageParams(range) };
      return await rest.call(get('myTrades', params), (body) =>
        fillPageOf(parseTrades(body, namesWith(symbol)), range),
      );
    },
    balances: async () => await rest.call(get('account', {}), parseAccount),
    clockSkewMs: async () => {
      const request = { ...get('time', {}), access: 'public' } as const;
      const reply = await measureSkew(async () => await rest.call(request, parseTime), clock);
      if (reply.kind === 'ok') venueTime.compared(reply.value);
      return reply;
    },
    close: () => rest.close(),
  };
}

function get(path: string, params: MexcRequest['params']): MexcRequest {
  return { access: 'private', method: 'GET', path, params };
}

function orderOf(symbol: string, clientOrderId: string): MexcRequest {
  return get('order', { symbol: venueSymbolOf(symbol), origClientOrderId: clientOrderId });
}
