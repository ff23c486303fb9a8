import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import { ListedPairs } from '../../exchange-simulator/core/listed-pairs.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import type { EndpointContext, ShownLedger } from '../../exchange-simulator/rest/mexc/endpoint.ts';
import type { AnswerOptions } from '../../exchange-simulator/rest/mexc/answer-call.ts';
import { RecentTrades } from '../../exchange-simulator/rest/mexc/recent-trades.ts';
import { symbolsByVenueName } from '../../exchange-simulator/rest/mexc/venue-symbols.ts';
import { ListenKeys } from '../../exchange-simulator/stream/mexc/listen-keys.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Network } from '../core/network.ts';
import { ACCOUNT, type AccountViews } from './account-views.ts';

/** With which clients of the stack's account sign. */
export const VENUE_KEY = { key: 'replay', secret: 'replay', account: ACCOUNT };

export interface WiredVenueOptions {
  readonly market: Market;
  readonly views: AccountViews;
  readonly network: Pick<Network, 'hiddenMs'>;
  readonly venueClock: Clock;
  readonly apply: (command: Command) => readonly ExchangeEvent[];
}

/** Creates MEXC's REST as the simulator serves it, on a market and what its account shows. */
export function createWiredVenue({ market, views, network, venueClock, apply }: WiredVenueOptions): AnswerOptions {
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
  const listenKeys = new ListenKeys({ createKey: () => 'replay' });
  const symbols = new ListedPairs(symbolsByVenueName(engine.symbols));
  const context = { market: shown, listenKeys, recentTrades: new RecentTrades(), clock: venueClock, symbols };
  return { context, keys: [VENUE_KEY], metrics: { request: () => {} } };
}

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
