import { createLogger } from '../../shared/runtime/logger.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import { ListedPairs } from '../../exchange-simulator/core/listed-pairs.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import type { EndpointContext, ShownLedger } from '../../exchange-simulator/rest/mexc/endpoint.ts';
import { RecentTrades } from '../../exchange-simulator/rest/mexc/recent-trades.ts';
import { answerCall, type VenueApiOptions } from '../../exchange-simulator/rest/mexc/venue-api.ts';
import { symbolsByVenueName } from '../../exchange-simulator/rest/mexc/venue-symbols.ts';
import { ListenKeys } from '../../exchange-simulator/stream/mexc/listen-keys.ts';
import type { HttpOutcome } from '../../shared/venue/http-outcome.ts';
import type { HttpCall } from '../../shared/venue/http-transport.ts';
import { createMexcClient } from '../../shared/venue/mexc/trading-client.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Network, Request } from '../core/network.ts';
import { ACCOUNT, type AccountViews } from './account-views.ts';

/** The venue's side of the wire: its real endpoints on a market, with what its accounts show. */
export interface WiredVenueOptions {
  readonly market: Market;
  readonly views: AccountViews;
  readonly network: Pick<Network, 'hiddenMs'>;
  readonly venueClock: Clock;
  readonly apply: (command: Command) => readonly ExchangeEvent[];
}

export interface WiredClientOptions {
  readonly api: VenueApiOptions;
  readonly symbols: readonly string[];
  readonly request: Request;
  /** By which the client signs. */
  readonly clock: Clock;
  readonly isTroubled: () => boolean;
}

const KEY = { key: 'replay', secret: 'replay', account: ACCOUNT };
const ORIGIN = 'http://venue.invalid';
/** Window with which execution's client signs every request that creates no order. */
const QUERY_WINDOW_MS = 2_000;
/** In real time. The network ends every request earlier, in virtual time. */
const DEADLINE_MS = 600_000;
const log = createLogger({ name: 'simulation', level: 'silent' });

/** Creates MEXC's REST as the simulator serves it, on a market and what its account shows. */
export function createWiredVenue({ market, views, network, venueClock, apply }: WiredVenueOptions): VenueApiOptions {
  const { engine } = market;
  const hideNew = (events: readonly ExchangeEvent[]): readonly ExchangeEvent[] => {
    const [first] = events;
    if (first?.kind === 'placed') views.hide(first.orderId, network.hiddenMs());
    return events;
  };
  const shown: EndpointContext['market'] = {
    engine: {
      symbols: engine.symbols,
      instrument: (symbol) => engine.instrument(symbol),
      book: (symbol) => engine.book(symbol),
      refusalOf: (order) => engine.refusalOf(order),
      ledger: shownLedger(engine.ledger, views),
    },
    apply: (command) => hideNew(apply(command)),
  };
  const context: EndpointContext = {
    market: shown,
    listenKeys: new ListenKeys({ createKey: () => 'replay' }),
    recentTrades: new RecentTrades(),
    clock: venueClock,
    symbols: new ListedPairs(symbolsByVenueName(engine.symbols)),
  };
  return { context, keys: [KEY], metrics: { request: () => {} } };
}

/**
 * Creates MEXC's real client: it signs, encodes, pages and reads answers as in production. Its bytes reach the venue's
 * real endpoints over the network of the replay.
 */
export function createWiredClient({ api, symbols, request, clock, isTroubled }: WiredClientOptions): TradingVenue {
  const send = async (call: HttpCall): Promise<HttpOutcome> => {
    const refused = call.refusal();
    if (refused !== undefined) return { ...NO_ANSWER, written: false, failure: refused };
    const { pathname, search } = new URL(call.url);
    const reply = await request<HttpOutcome>(
      () => {
        const apiKey = call.headers['X-MEXC-APIKEY'];
        const arrived = { queryString: search.slice(1), body: call.body ?? '', apiKey };
        const { status, body } = answerCall({ method: call.method, path: pathname, ...arrived }, api);
        return { kind: 'ok', value: { ...NO_ANSWER, status, body: JSON.stringify(body) } };
      },
      call.method === 'POST' && isTroubled(),
    );
    if (reply.kind === 'ok') return reply.value;
    if (reply.kind === 'rateLimited')
      return { ...NO_ANSWER, status: 429, retryAfter: String(Math.ceil(reply.retryAfterMs / 1_000)) };
    return reply.kind === 'unknown' && reply.reason === 'Http5xx' ? { ...NO_ANSWER, status: 503 } : NO_ANSWER;
  };
  return createMexcClient({
    restUrl: ORIGIN,
    apiKey: KEY.key,
    secretKey: KEY.secret,
    recvWindowMs: QUERY_WINDOW_MS,
    deadlineMs: DEADLINE_MS,
    symbols,
    transport: { send, close: () => {} },
    clock,
    log,
  });
}

const NO_ANSWER: HttpOutcome = {
  written: true,
  status: undefined,
  body: '',
  retryAfter: undefined,
  failure: undefined,
};

/** What clients of the stack's account see, which may lag behind what is. */
function shownLedger(ledger: ShownLedger, views: AccountViews): ShownLedger {
  return {
    order: (orderId) => ledger.order(orderId),
    orderByClientId: (_account, clientOrderId) => views.order(clientOrderId),
    openOrders: (_account, symbol = '') => views.openOrders(symbol),
    orders: (account, symbol) => ledger.orders(account, symbol),
    fills: (_account, symbol = '') => views.fills(symbol, 0),
    balances: () => [...views.balances()].map(([asset, { free, locked }]) => ({ asset, free, locked })),
  };
}
