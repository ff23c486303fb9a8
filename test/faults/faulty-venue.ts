import {
  add,
  formatDecimal,
  multiply,
  parseDecimal,
  subtract,
  ZERO,
  type Decimal,
} from '../../services/shared/domain/decimal.ts';
import { newestFills, type FillPage, type FillRange } from '../../services/shared/domain/orders/fill-page.ts';
import type { Fill } from '../../services/shared/domain/orders/fill.ts';
import { assetsOf, notionalOf } from '../../services/shared/domain/instrument.ts';
import { mayRest, type OrderRequest } from '../../services/shared/domain/orders/order.ts';
import type { OrderReport } from '../../services/shared/domain/orders/order-report.ts';
import type { VenueReply } from '../../services/shared/domain/orders/venue-reply.ts';
import type { PlaceTerms, PrivateStreamEvents, TradingVenue } from '../../services/shared/venue/trading-venue.ts';
import { FILLS_PER_PAGE } from '../../services/shared/venue/mexc/rest/fill-page.ts';
import { rejectionOf } from '../../services/shared/venue/mexc/rest/outcome.ts';
import { MEXC_RULES } from '../../services/shared/venue/mexc/rules.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';

/** Fate of one order. All times are virtual milliseconds. */
export interface Fate {
  readonly reply: 'ok' | 'rejected' | 'rateLimited' | 'notSent' | 'lostBefore' | 'lostAfter';
  /**
   * Time from the request until it reaches the venue; `hiddenMs`: from acceptance until the order is visible in
   * replies.
   */
  readonly travelMs: number;
  readonly hiddenMs: number;
  /** Tenths of the quantity in which the order fills. The unfilled part of an order that does not rest is cancelled. */
  readonly fills: readonly number[];
  /** Delays of the stream's deliveries of each fill. Several entries deliver duplicates, none drops the fill. */
  readonly tellings: readonly number[];
}

interface PlacedOrder {
  readonly request: OrderRequest;
  readonly venueOrderId: string;
  readonly acceptedAt: number;
  readonly visibleAt: number;
  executed: Decimal;
  ended: boolean;
}

const TEN = parseDecimal('10');
const FEE = parseDecimal('0.001');
const LOST_MS = 1_000;

/** In-memory account of a venue behind the port, on the test's clock. Every order has its own fate. */
export class FaultyVenue implements TradingVenue {
  readonly rules = MEXC_RULES;
  readonly placed: PlacedOrder[] = [];
  readonly traded: Fill[] = [];
  readonly holdings = new Map<string, Decimal>([
    ['ETH', parseDecimal('100')],
    ['XRP', parseDecimal('1000')],
  ]);
  /** Requests to create orders that reached the venue, in order, including rejected ones. */
  readonly received: { readonly clientOrderId: string; readonly signedAt: number; readonly at: number }[] = [];
  readonly #clock: Clock;
  readonly #fateOf: (clientOrderId: string) => Fate;
  listener: Pick<PrivateStreamEvents, 'onFill' | 'onOrder'> | undefined;

  constructor(clock: Clock, fateOf: (clientOrderId: string) => Fate) {
    this.#clock = clock;
    this.#fateOf = fateOf;
  }

  async place(request: OrderRequest, terms: PlaceTerms): Promise<VenueReply<{ readonly venueOrderId: string }>> {
    const fate = this.#fateOf(request.clientOrderId);
    const refusal = fate.reply === 'notSent' ? 'ECONNREFUSED' : terms.refusal();
    if (refusal !== undefined) return { kind: 'notSent', reason: refusal };
    await this.#clock.sleep(fate.travelMs);
    if (fate.reply === 'lostBefore') return await this.#lost();
    if (fate.reply === 'rateLimited') return { kind: 'rateLimited', retryAfterMs: 1_000 };
    const nowMs = this.#clock.nowMs();
    this.received.push({ clientOrderId: request.clientOrderId, signedAt: terms.timestampMs, at: nowMs });
    if (nowMs - terms.timestampMs > terms.recvWindowMs) return { kind: 'rejected', code: '700003', message: 'window' };
    if (fate.reply === 'rejected') return rejectionOf('30005', 'Oversold');
    const order = this.#accept(request, fate);
    void this.#trade(order, fate);
    return fate.reply === 'lostAfter'
      ? await this.#lost()
      : { kind: 'ok', value: { venueOrderId: order.venueOrderId } };
  }

  async cancel(_symbol: string, clientOrderId: string): Promise<VenueReply<undefined>> {
    await this.#clock.sleep(5);
    const order = this.placed.find(({ request, ended }) => request.clientOrderId === clientOrderId && !ended);
    if (order === undefined) return { kind: 'notFound' };
    order.ended = true;
    return { kind: 'ok', value: undefined };
  }

  async order(_symbol: string, clientOrderId: string): Promise<VenueReply<OrderReport>> {
    await this.#clock.sleep(5);
    const order = this.placed.find(({ request }) => request.clientOrderId === clientOrderId);
    if (order === undefined || order.visibleAt > this.#clock.nowMs()) return { kind: 'notFound' };
    return { kind: 'ok', value: reportOf(order) };
  }

  async openOrders(): Promise<VenueReply<readonly OrderReport[]>> {
    await this.#clock.sleep(5);
    const nowMs = this.#clock.nowMs();
    const open = this.placed.filter(({ ended, visibleAt }) => !ended && visibleAt <= nowMs);
    return { kind: 'ok', value: open.map(reportOf) };
  }

  async fills(_symbol: string, range: FillRange): Promise<VenueReply<FillPage>> {
    await this.#clock.sleep(5);
    return {
      kind: 'ok',
      value: newestFills(
        this.traded.toSorted((a, b) => a.time - b.time),
        range,
        FILLS_PER_PAGE,
      ),
    };
  }

  async balances(): Promise<VenueReply<ReadonlyMap<string, { readonly free: Decimal; readonly locked: Decimal }>>> {
    await this.#clock.sleep(5);
    return { kind: 'ok', value: new Map([...this.holdings].map(([asset, free]) => [asset, { free, locked: ZERO }])) };
  }

  async clockSkewMs(): Promise<VenueReply<number>> {
    return await Promise.resolve({ kind: 'ok', value: 0 });
  }

  async #lost(): Promise<VenueReply<never>> {
    await this.#clock.sleep(LOST_MS);
    return { kind: 'unknown', reason: 'timeout' };
  }

  #accept(request: OrderRequest, fate: Fate): PlacedOrder {
    const acceptedAt = this.#clock.nowMs();
    const venueOrderId = `V${this.placed.length + 1}`;
    const order = {
      request,
      venueOrderId,
      acceptedAt,
      visibleAt: acceptedAt + fate.hiddenMs,
      executed: ZERO,
      ended: false,
    };
    this.placed.push(order);
    return order;
  }

  async #trade(order: PlacedOrder, fate: Fate): Promise<void> {
    for (const part of fate.fills) {
      if (order.ended) return;
      this.#fill(order, part, fate);
      await this.#clock.sleep(30);
    }
    if (!mayRest(order.request.type)) order.ended = true;
    this.listener?.onOrder(reportOf(order));
  }

  #fill(order: PlacedOrder, part: number, fate: Fate): void {
    const { request, venueOrderId } = order;
    const { symbol, side, price, clientOrderId } = request;
    const whole = multiply(request.quantity, parseDecimal(String(part)), 'floor');
    const quantity = (whole / 10n) as Decimal;
    const fee = multiply(notionalOf(price, quantity), FEE, 'floor');
    const venueTradeId = `T${this.traded.length + 1}`;
    const { base, quote } = assetsOf(symbol);
    const ids = { venueTradeId, venueOrderId, clientOrderId };
    const time = this.#clock.nowMs();
    const fill: Fill = { ...ids, symbol, side, price, quantity, fee, feeAsset: quote, maker: false, time };
    this.traded.push(fill);
    order.executed = add(order.executed, quantity);
    if (order.executed >= request.quantity) order.ended = true;
    const paid = notionalOf(price, quantity);
    this.#move(base, side === 'buy' ? quantity : subtract(ZERO, quantity));
    this.#move(quote, subtract(side === 'buy' ? subtract(ZERO, paid) : paid, fee));
    for (const delayMs of fate.tellings) void this.#deliver(fill, delayMs);
  }

  async #deliver(fill: Fill, delayMs: number): Promise<void> {
    await this.#clock.sleep(delayMs);
    this.listener?.onFill(fill);
  }

  #move(asset: string, amount: Decimal): void {
    this.holdings.set(asset, add(this.holdings.get(asset) ?? ZERO, amount));
  }

  /** Returns the holdings as text, without assets at zero. */
  holdingsText(): Readonly<Record<string, string>> {
    const held = [...this.holdings].filter(([, amount]) => amount !== ZERO);
    return Object.fromEntries(held.map(([asset, amount]) => [asset, formatDecimal(amount)]));
  }
}

function reportOf({ request, venueOrderId, acceptedAt, executed, ended }: PlacedOrder): OrderReport {
  const { clientOrderId, symbol, side, price, quantity, type } = request;
  const status = executed >= quantity ? 'Filled' : ended ? 'Cancelled' : executed > ZERO ? 'PartiallyFilled' : 'New';
  const state = { executed, status, resting: mayRest(type), createdAt: acceptedAt } as const;
  return { venueOrderId, clientOrderId, symbol, side, price, quantity, ...state };
}

/** Order quantity that divides evenly into the tenths of a fate. */
export const MODEL_QUANTITY = TEN;
