import {
  isAccountEvent,
  type AccountEvent,
  type Command,
  type ExchangeEvent,
} from '../../exchange-simulator/core/events.ts';
import type { Market } from '../../exchange-simulator/core/market.ts';
import type { VenueLogEntry } from '../../exchange-simulator/core/venue-log-entry.ts';
import { add, type Decimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { requestsThrough, type Network } from '../core/network.ts';
import { createOrderedDelivery } from '../core/ordered-delivery.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { SOUND_VENUE, type VenueFaults } from '../core/venue-faults.ts';
import { ACCOUNT, AccountViews } from './account-views.ts';
import { startForeignTrader } from './foreign-trader.ts';
import { unreliableRequests } from './unreliable-requests.ts';
import { refusedOrder } from './refused-order.ts';
import { createVenueClient } from './venue-client.ts';
import { createWiredClient } from './wired-client.ts';
import { createWiredVenue } from './wired-venue.ts';
import { fillOf, logEntry, reportOf } from './venue-views.ts';

export type PrivatePush =
  | { readonly kind: 'report'; readonly report: OrderReport }
  | { readonly kind: 'fill'; readonly fill: Fill };

export interface ReplayVenue {
  /** Returns the venue as a client reaches it over the network. The client signs by its own wall clock. */
  readonly clientFor: (clock: Clock) => TradingVenue;
  /** Log of the account events at the venue, for the invariant checks, without those of `foreign` orders. */
  readonly log: readonly VenueLogEntry[];
  /** Sides of the orders that somebody else placed on the account, by client order ID. */
  readonly foreign: ReadonlyMap<string, Side>;
  /** Fills of these orders: the stack has no order that they are of. */
  readonly foreignFills: readonly Fill[];
  /** Returns the account's current balances, without the network. */
  holdings(): ReadonlyMap<string, Decimal>;
}

export interface ReplayVenueOptions {
  readonly market: Market;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly faults?: VenueFaults;
  readonly isTroubled: () => boolean;
  /** Whether MEXC's real client speaks to the venue's real endpoints, in their bytes. Default: false. */
  readonly wired?: boolean;
  /** Called with all events caused by a command or by time. */
  readonly onEvents: (events: readonly ExchangeEvent[]) => void;
  readonly onPush: (push: PrivatePush) => void;
}

/**
 * Wraps a market: virtual time advances it, requests reach it over the network, and account events are logged and
 * pushed.
 */
export function createReplayVenue(options: ReplayVenueOptions): ReplayVenue {
  const { market, scheduler, network, faults = SOUND_VENUE } = options;
  const { ledger } = market.engine;
  const log: VenueLogEntry[] = [];
  const foreignFills: Fill[] = [];
  const views = new AccountViews(ledger, faults, scheduler);
  const push = createPushes({ scheduler, network, faults, onPush: options.onPush });
  const onAccountEvent = (event: AccountEvent): void => {
    const isForeign = 'clientOrderId' in event && foreign.has(event.clientOrderId);
    if (!isForeign) log.push(logEntry(event, log.length + 1));
    if (event.kind === 'fill') {
      if (isForeign) foreignFills.push(fillOf(event));
      views.onFill(event);
      push({ kind: 'fill', fill: fillOf(event) });
    }
    const order = 'orderId' in event ? ledger.order(event.orderId) : undefined;
    if (order !== undefined) push({ kind: 'report', report: reportOf(order) });
  };
  const record = (events: readonly ExchangeEvent[]): void => {
    const own = events.filter(isAccountEvent);
    own.forEach(onAccountEvent);
    if (own.length > 0) views.onChanged();
    options.onEvents(events);
  };
  const step = (): void => {
    record(market.advance(scheduler.nowMs()));
    scheduler.at(market.nextDueMs(), step);
  };
  const applyAny = (command: Command): readonly ExchangeEvent[] => {
    const events = market.engine.apply(command, scheduler.nowMs());
    record(events);
    return events;
  };
  const applyAll = (command: Command): readonly ExchangeEvent[] => {
    const rejected = refusedOrder(command, faults, scheduler.nowMs());
    if (rejected === undefined) return applyAny(command);
    record([rejected]);
    return [rejected];
  };
  const apply = (command: Command): ExchangeEvent | undefined => applyAll(command)[0];
  const foreign = startForeignTrader({ market, scheduler, faults, apply: (command) => applyAny(command)[0] });
  scheduler.at(Math.max(scheduler.nowMs(), market.nextDueMs()), step);
  const request = unreliableRequests(requestsThrough(network, scheduler), faults, scheduler);
  const direct = { ...options, ledger, views, request, venueClock: scheduler, apply };
  const { symbols } = market.engine;
  const api = createWiredVenue({ market, views, network, venueClock: scheduler, apply: applyAll });
  const clientFor = (clock: Clock): TradingVenue =>
    options.wired === true
      ? createWiredClient({ ...options, api, symbols, request, clock })
      : createVenueClient({ ...direct, clock });
  return {
    clientFor,
    log,
    foreign,
    foreignFills,
    holdings: () => new Map(ledger.balances(ACCOUNT).map(({ asset, free, locked }) => [asset, add(free, locked)])),
  };
}

type PushOptions = Pick<ReplayVenueOptions, 'scheduler' | 'network' | 'onPush'> & { readonly faults: VenueFaults };

/** Creates the private stream: in order, except pushes that are repeated or overtaken. */
function createPushes({ scheduler, network, faults, onPush }: PushOptions): (push: PrivatePush) => void {
  const inOrder = createOrderedDelivery(scheduler, network.pushMs);
  return (push) => {
    const arrive = (): void => onPush(push);
    const copyMs = faults.copyMs();
    if (copyMs !== undefined) scheduler.after(copyMs, arrive);
    if (network.losesPush()) return;
    const overtakenMs = faults.overtakenMs();
    if (overtakenMs === undefined) inOrder(arrive);
    else scheduler.after(overtakenMs, arrive);
  };
}
