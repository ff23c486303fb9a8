import { isAccountEvent, type ExchangeEvent } from '../../services/exchange-simulator/core/events.ts';
import type { Market } from '../../services/exchange-simulator/core/market.ts';
import { add, type Decimal } from '../../services/shared/domain/decimal.ts';
import type { Fill } from '../../services/shared/domain/fill.ts';
import type { OrderRequest } from '../../services/shared/domain/order.ts';
import type { OrderReport } from '../../services/shared/domain/order-report.ts';
import type { VenueLogEntry } from '../support/invariants.ts';
import { requestsThrough, type Answer, type Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import { fillOf, logEntry, reportOf } from './venue-views.ts';

export const ACCOUNT = 'paper';

export type PrivatePush =
  | { readonly kind: 'report'; readonly report: OrderReport }
  | { readonly kind: 'fill'; readonly fill: Fill };

/** The venue as a client sees it through a network. Every call is answered exactly once, at the latest by the time-out. */
export interface SimulatedVenue {
  place(
    order: OrderRequest,
    signed: { readonly at: number; readonly recvWindowMs: number },
    answer: Answer<Placed>,
  ): void;
  cancel(symbol: string, venueOrderId: string, answer: Answer<undefined>): void;
  query(clientOrderId: string, answer: Answer<OrderReport>): void;
  openOrders(answer: Answer<readonly OrderReport[]>): void;
  /** From `sinceMs` on, by the venue's time. */
  fills(sinceMs: number, answer: Answer<readonly Fill[]>): void;
  balances(answer: Answer<ReadonlyMap<string, Decimal>>): void;
  /** What the judge reads: everything that happened at the venue. */
  readonly log: readonly VenueLogEntry[];
  /** The account right now, without a network in between. */
  holdings(): ReadonlyMap<string, Decimal>;
}
export interface Placed {
  readonly venueOrderId: string;
}

export interface SimulatedVenueOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly network: Network;
  /** Everything that a command or the passing of time did. */
  readonly onEvents: (events: readonly ExchangeEvent[]) => void;
  readonly onPush: (push: PrivatePush) => void;
}

/** Wraps a market: time moves it, requests reach it through the network, and its account events are logged and pushed. */
export function createSimulatedVenue(options: SimulatedVenueOptions): SimulatedVenue {
  const { market, scheduler, network } = options;
  const { ledger } = market.exchange;
  const log: VenueLogEntry[] = [];
  let pushArrival = 0;

  const push = (one: PrivatePush): void => {
    if (network.losesPush()) return;
    // One connection keeps its order.
    pushArrival = Math.max(pushArrival, scheduler.nowMs() + network.pushMs());
    scheduler.at(pushArrival, () => options.onPush(one));
  };
  const happened = (events: readonly ExchangeEvent[]): void => {
    for (const event of events.filter(isAccountEvent)) {
      log.push(logEntry(event, log.length + 1));
      if (event.kind === 'fill') push({ kind: 'fill', fill: fillOf(event) });
      const order = event.kind === 'rejected' ? undefined : ledger.order(event.orderId);
      if (order !== undefined) push({ kind: 'report', report: reportOf(order) });
    }
    options.onEvents(events);
  };
  const request = requestsThrough(network, scheduler);
  const holdings = (): ReadonlyMap<string, Decimal> =>
    new Map(ledger.balances(ACCOUNT).map(({ asset, free, locked }) => [asset, add(free, locked)]));
  const step = (): void => {
    happened(market.advance(scheduler.nowMs()));
    scheduler.at(market.nextDueMs(), step);
  };
  scheduler.at(Math.max(scheduler.nowMs(), market.nextDueMs()), step);

  return {
    log,
    holdings,
    place: (order, signed, answer) =>
      request<Placed>(() => {
        const now = scheduler.nowMs();
        if (now - signed.at > signed.recvWindowMs)
          return { kind: 'rejected', code: '700003', message: 'outside recvWindow' };
        const stamp = { time: signed.at, recvWindowMs: signed.recvWindowMs, receivedAt: now };
        const events = market.exchange.apply({ kind: 'place', account: ACCOUNT, ...order, request: stamp }, now);
        happened(events);
        const [first] = events;
        if (first?.kind === 'placed') return { kind: 'ok', value: { venueOrderId: first.orderId } };
        if (first?.kind === 'rejected') return { kind: 'rejected', code: String(first.code), message: first.message };
        throw new Error('the exchange did not say what became of an order');
      }, answer),
    cancel: (symbol, orderId, answer) =>
      request<undefined>(() => {
        const events = market.exchange.apply({ kind: 'cancel', account: ACCOUNT, symbol, orderId }, scheduler.nowMs());
        happened(events);
        return events[0]?.kind === 'cancelRejected' ? { kind: 'notFound' } : { kind: 'ok', value: undefined };
      }, answer),
    query: (clientOrderId, answer) =>
      request<OrderReport>(() => {
        const order = ledger.orderByClientId(ACCOUNT, clientOrderId);
        return order === undefined ? { kind: 'notFound' } : { kind: 'ok', value: reportOf(order) };
      }, answer),
    openOrders: (answer) => request(() => ({ kind: 'ok', value: ledger.openOrders(ACCOUNT).map(reportOf) }), answer),
    fills: (sinceMs, answer) =>
      request(
        () => ({
          kind: 'ok',
          value: ledger
            .fills(ACCOUNT)
            .filter(({ time }) => time >= sinceMs)
            .map(fillOf),
        }),
        answer,
      ),
    balances: (answer) => request(() => ({ kind: 'ok', value: holdings() }), answer),
  };
}
