import { isAccountEvent, type Command, type ExchangeEvent } from '../exchange-simulator/core/events.ts';
import type { VenueOrder } from '../exchange-simulator/core/ledger.ts';
import type { Market } from '../exchange-simulator/core/market.ts';
import { add, type Decimal } from '../shared/domain/decimal.ts';
import type { Fill } from '../shared/domain/orders/fill.ts';
import type { OrderReport } from '../shared/domain/orders/order-report.ts';
import type { VenueReply } from '../shared/domain/orders/venue-reply.ts';
import { MEXC_RULES } from '../shared/venue/mexc/rules.ts';
import type { TradingVenue } from '../shared/venue/trading-venue.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { VenueLogEntry } from '../exchange-simulator/core/venue-log-entry.ts';
import { requestsThrough, type Network } from './core/network.ts';
import { createOrderedDelivery } from './core/ordered-delivery.ts';
import type { Scheduler } from './core/scheduler.ts';
import { fillOf, logEntry, reportOf } from './core/venue-views.ts';

export const ACCOUNT = 'paper';

export type PrivatePush =
  | { readonly kind: 'report'; readonly report: OrderReport }
  | { readonly kind: 'fill'; readonly fill: Fill };

export interface ReplayVenue {
  /** Returns the venue as a client reaches it over the network. The client signs by its own wall clock. */
  readonly clientFor: (clock: Pick<Clock, 'nowMs'>) => TradingVenue;
  /** Log of all account events at the venue, for the invariant checks. */
  readonly log: readonly VenueLogEntry[];
  /** Returns the account's current balances, without the network. */
  holdings(): ReadonlyMap<string, Decimal>;
}

export interface ReplayVenueOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly isTroubled: () => boolean;
  /** Called with all events caused by a command or by time. */
  readonly onEvents: (events: readonly ExchangeEvent[]) => void;
  readonly onPush: (push: PrivatePush) => void;
}

/**
 * Wraps a market: virtual time advances it, requests reach it over the network, and account events are logged and
 * pushed.
 */
export function createReplayVenue(options: ReplayVenueOptions): ReplayVenue {
  const { market, scheduler, network } = options;
  const { ledger } = market.engine;
  const log: VenueLogEntry[] = [];
  const visibleAt = new Map<string, number>();
  const deliverPush = createOrderedDelivery(scheduler, network.pushMs);

  const push = (one: PrivatePush): void => {
    if (network.losesPush()) return;
    deliverPush(() => options.onPush(one));
  };
  const record = (events: readonly ExchangeEvent[]): void => {
    for (const event of events.filter(isAccountEvent)) {
      log.push(logEntry(event, log.length + 1));
      if (event.kind === 'fill') push({ kind: 'fill', fill: fillOf(event) });
      const order = event.kind === 'rejected' ? undefined : ledger.order(event.orderId);
      if (order !== undefined) push({ kind: 'report', report: reportOf(order) });
    }
    options.onEvents(events);
  };
  const step = (): void => {
    record(market.advance(scheduler.nowMs()));
    scheduler.at(market.nextDueMs(), step);
  };
  scheduler.at(Math.max(scheduler.nowMs(), market.nextDueMs()), step);
  const apply = (command: Command): ExchangeEvent | undefined => {
    const events = market.engine.apply(command, scheduler.nowMs());
    record(events);
    return events[0];
  };
  return {
    clientFor: (clock) => clientOf({ ...options, visibleAt, clock }, apply),
    log,
    holdings: () => new Map(ledger.balances(ACCOUNT).map(({ asset, free, locked }) => [asset, add(free, locked)])),
  };
}

type Apply = (command: Command) => ExchangeEvent | undefined;

interface ClientOptions extends ReplayVenueOptions {
  /** By venue order ID: time before which answers omit the order. */
  readonly visibleAt: Map<string, number>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

function clientOf(options: ClientOptions, apply: Apply): TradingVenue {
  const { market, scheduler, network, isTroubled, visibleAt, clock } = options;
  const { ledger } = market.engine;
  const request = requestsThrough(network, scheduler);
  const isVisible = ({ orderId }: VenueOrder): boolean => (visibleAt.get(orderId) ?? 0) <= scheduler.nowMs();
  const signed = async <T>(work: () => VenueReply<T>): Promise<VenueReply<T>> => {
    const stampMs = clock.nowMs();
    return await request(() => (accepts(scheduler.nowMs(), stampMs, QUERY_WINDOW_MS) ? work() : OUTSIDE_WINDOW));
  };
  return {
    rules: MEXC_RULES,
    place: async (order, { timestampMs, recvWindowMs, refusal }) => {
      const reason = refusal();
      if (reason !== undefined) return { kind: 'notSent', reason };
      return await request(() => {
        const receivedAt = scheduler.nowMs();
        if (!accepts(receivedAt, timestampMs, recvWindowMs)) return OUTSIDE_WINDOW;
        const stamp = { time: timestampMs, recvWindowMs, receivedAt };
        const reply = placed(apply({ kind: 'place', account: ACCOUNT, ...order, request: stamp }));
        if (reply.kind === 'ok') visibleAt.set(reply.value.venueOrderId, receivedAt + network.hiddenMs());
        return reply;
      }, isTroubled());
    },
    cancel: async (symbol, clientOrderId) =>
      await signed<undefined>(() => {
        const orderId = ledger.orderByClientId(ACCOUNT, clientOrderId)?.orderId;
        if (orderId === undefined) return { kind: 'notFound' };
        const event = apply({ kind: 'cancel', account: ACCOUNT, symbol, orderId });
        return event?.kind === 'cancelRejected' ? { kind: 'notFound' } : { kind: 'ok', value: undefined };
      }),
    order: async (_symbol, clientOrderId) =>
      await signed<OrderReport>(() => {
        const order = ledger.orderByClientId(ACCOUNT, clientOrderId);
        return order !== undefined && isVisible(order) ? { kind: 'ok', value: reportOf(order) } : { kind: 'notFound' };
      }),
    openOrders: async (symbol) =>
      await signed(() => ({
        kind: 'ok',
        value: ledger.openOrders(ACCOUNT, symbol).filter(isVisible).map(reportOf),
      })),
    fills: async (symbol, sinceMs) =>
      await signed(() => {
        const fills = ledger.fills(ACCOUNT, symbol).filter(({ time }) => time >= sinceMs);
        return { kind: 'ok', value: fills.map(fillOf) };
      }),
    balances: async () =>
      await signed(() => {
        const balances = ledger.balances(ACCOUNT).map(({ asset, free, locked }) => [asset, { free, locked }] as const);
        return { kind: 'ok', value: new Map(balances) };
      }),
    clockSkewMs: async () => {
      const requestedAtMs = clock.nowMs();
      const reply = await request(() => ({ kind: 'ok', value: scheduler.nowMs() }));
      // A client's measurement can be off by half of the round-trip time.
      const middle = (requestedAtMs + clock.nowMs()) / 2;
      return reply.kind === 'ok' ? { kind: 'ok', value: Math.round(reply.value - middle) } : reply;
    },
  };
}

/** Window with which execution's client signs every request that creates no order. */
const QUERY_WINDOW_MS = 2_000;

/** MEXC spot v3, timing security: `timestamp < serverTime + 1000 && serverTime - timestamp <= recvWindow`. */
function accepts(serverMs: number, stampMs: number, recvWindowMs: number): boolean {
  return stampMs < serverMs + MEXC_RULES.acceptedAheadMs && serverMs - stampMs <= recvWindowMs;
}

const OUTSIDE_WINDOW = { kind: 'rejected', code: '700003', message: 'outside recvWindow' } as const;

function placed(event: ExchangeEvent | undefined): VenueReply<{ readonly venueOrderId: string }> {
  if (event?.kind === 'placed') return { kind: 'ok', value: { venueOrderId: event.orderId } };
  if (event?.kind === 'rejected') return { kind: 'rejected', code: String(event.code), message: event.message };
  throw new Error('the exchange returned no outcome for an order');
}
