import { FILLS_PER_PAGE } from '../../shared/venue/mexc/rest/fill-page.ts';
import { rejectionOf } from '../../shared/venue/mexc/rest/outcome.ts';
import type { Command, ExchangeEvent } from '../../exchange-simulator/core/events.ts';
import type { Ledger } from '../../exchange-simulator/core/ledger.ts';
import { newestFills } from '../../shared/domain/orders/fill-page.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { MEXC_RULES } from '../../shared/venue/mexc/rules.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Network, Request } from '../core/network.ts';
import { ACCOUNT, type AccountViews } from './account-views.ts';
import { fillOf, reportOf } from './venue-views.ts';

export interface VenueClientOptions {
  readonly ledger: Ledger;
  readonly views: AccountViews;
  readonly request: Request;
  readonly network: Pick<Network, 'hiddenMs'>;
  /** The venue's clock, and the one by which the client signs. */
  readonly venueClock: Pick<Clock, 'nowMs'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly isTroubled: () => boolean;
  readonly apply: (command: Command) => ExchangeEvent | undefined;
}

/** Window with which execution's client signs every request that creates no order. */
const QUERY_WINDOW_MS = 2_000;

/**
 * Creates the account as a client reaches it: requests arrive late or never, and expire by the clock of the venue. No
 * code of the real client runs, see wired-client.ts.
 */
export function createVenueClient(options: VenueClientOptions): TradingVenue {
  const { ledger, views, request, network, venueClock, clock, isTroubled, apply } = options;
  const signed = async <T>(work: () => VenueReply<T>): Promise<VenueReply<T>> => {
    const stampMs = clock.nowMs();
    return await request(() => (accepts(venueClock.nowMs(), stampMs, QUERY_WINDOW_MS) ? work() : OUTSIDE_WINDOW));
  };
  return {
    rules: MEXC_RULES,
    place: async (order, { timestampMs, recvWindowMs, refusal }) => {
      const reason = refusal();
      if (reason !== undefined) return { kind: 'notSent', reason };
      return await request(() => {
        const receivedAt = venueClock.nowMs();
        if (!accepts(receivedAt, timestampMs, recvWindowMs)) return OUTSIDE_WINDOW;
        const stamp = { time: timestampMs, recvWindowMs, receivedAt };
        const reply = placed(apply({ kind: 'place', account: ACCOUNT, ...order, request: stamp }));
        if (reply.kind === 'ok') views.hide(reply.value.venueOrderId, network.hiddenMs());
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
        const order = views.order(clientOrderId);
        return order === undefined ? { kind: 'notFound' } : { kind: 'ok', value: reportOf(order) };
      }),
    openOrders: async (symbol) => await signed(() => ({ kind: 'ok', value: views.openOrders(symbol).map(reportOf) })),
    fills: async (symbol, range) =>
      await signed(() => {
        const fills = views.fills(symbol, range.fromMs).map(fillOf);
        return { kind: 'ok', value: newestFills(fills, range, FILLS_PER_PAGE) };
      }),
    balances: async () => await signed(() => ({ kind: 'ok', value: views.balances() })),
    clockSkewMs: async () => {
      const requestedAtMs = clock.nowMs();
      const reply = await request(() => ({ kind: 'ok', value: venueClock.nowMs() }));
      // A client's measurement can be off by half of the round-trip time.
      const middle = (requestedAtMs + clock.nowMs()) / 2;
      return reply.kind === 'ok' ? { kind: 'ok', value: Math.round(reply.value - middle) } : reply;
    },
  };
}

/** MEXC spot v3, timing security: `timestamp < serverTime + 1000 && serverTime - timestamp <= recvWindow`. */
function accepts(serverMs: number, stampMs: number, recvWindowMs: number): boolean {
  return stampMs < serverMs + MEXC_RULES.acceptedAheadMs && serverMs - stampMs <= recvWindowMs;
}

const OUTSIDE_WINDOW = { kind: 'rejected', code: '700003', message: 'outside recvWindow' } as const;

function placed(event: ExchangeEvent | undefined): VenueReply<{ readonly venueOrderId: string }> {
  if (event?.kind === 'placed') return { kind: 'ok', value: { venueOrderId: event.orderId } };
  if (event?.kind === 'rejected') return rejectionOf(String(event.code), event.message);
  throw new Error('the exchange returned no outcome for an order');
}
