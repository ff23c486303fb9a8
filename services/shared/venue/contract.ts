import { beforeEach, describe, expect, it } from 'vitest';
import { add, parseDecimal, subtract, ZERO, type Decimal } from '../domain/decimal.ts';
import { clientOrderIdOf } from '../domain/ids.ts';
import { assetsOf, notionalOf } from '../domain/instrument.ts';
import type { OrderRequest } from '../domain/orders/order.ts';
import { isUnread, listedIdOf } from '../domain/orders/unread-row.ts';
import type { VenueReply } from '../domain/orders/venue-reply.ts';
import { sha256 } from '../runtime/sha256.ts';
import type { PlaceTerms, TradingVenue } from './trading-venue.ts';

/** A venue whose account can buy, and the facts that a test needs to trade there. */
export interface TradingVenueSubject {
  readonly venue: TradingVenue;
  /** Canonical, `XRP/ETH`. */
  readonly symbol: string;
  /** An accepted amount of the base asset that the book fills at `fillingPrice`. */
  readonly quantity: Decimal;
  /** Price of a buy that rests, and of one that fills. */
  readonly restingPrice: Decimal;
  readonly fillingPrice: Decimal;
  /** The wall clock that requests are signed by. UTC milliseconds. */
  readonly nowMs: () => number;
  /** Lets time pass until the promise settles. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

const MAX_SKEW_MS = 1_000;
const UNTOUCHED = { ended: true, executed: ZERO, moved: false };
let made = 0;

/** Behaviour of every TradingVenue: the adapters of real venues and their twins in memory. */
export function tradingVenueContract(name: string, create: () => Promise<TradingVenueSubject>): void {
  describe(`${name} as a trading venue`, () => {
    let subject: TradingVenueSubject;
    let venue: TradingVenue;

    beforeEach(async () => {
      subject = await create();
      venue = subject.venue;
    });

    function buy(change: Partial<OrderRequest> = {}): OrderRequest {
      const { symbol, restingPrice: price, quantity } = subject;
      made += 1;
      const clientOrderId = clientOrderIdOf('contract-1234abcd', `${name}:${Date.now()}:${made}`, 0, sha256);
      return { clientOrderId, symbol, side: 'buy', type: 'LIMIT', price, quantity, ...change };
    }

    async function value<T>(reply: Promise<VenueReply<T>>): Promise<T> {
      const settled = await subject.settle(reply);
      if (settled.kind !== 'ok') throw new Error(JSON.stringify(settled));
      return settled.value;
    }

    function place(order: OrderRequest, change: Partial<PlaceTerms> = {}) {
      const terms = { timestampMs: subject.nowMs(), recvWindowMs: 2_000, refusal: () => undefined, ...change };
      return venue.place(order, terms);
    }

    async function holdings(asset: string): Promise<{ readonly free: Decimal; readonly locked: Decimal }> {
      const balance = (await value(venue.balances())).get(asset) ?? { free: ZERO, locked: ZERO };
      if (balance.free === undefined) throw new Error(balance.problem);
      return balance;
    }

    it('states rules that the client order IDs of the project fit', () => {
      expect(venue.rules.acceptedAheadMs).toBeGreaterThanOrEqual(0);
      expect(buy().clientOrderId.length).toBeLessThanOrEqual(venue.rules.clientOrderIdMaxLength);
    });

    it('measures the difference between the clocks', async () => {
      expect(Math.abs(await value(venue.clockSkewMs()))).toBeLessThan(MAX_SKEW_MS);
    });

    it('reports a resting order exactly, lists it as open, and cancels it once', async () => {
      const order = buy();
      const { clientOrderId, symbol, side, price, quantity } = order;
      const { venueOrderId } = await value(place(order));
      const terms = { venueOrderId, clientOrderId, symbol, side, price, quantity };
      const report = { ...terms, executed: ZERO, status: 'New', resting: true };
      expect(await value(venue.order(symbol, clientOrderId))).toMatchObject(report);
      const open = await value(venue.openOrders(symbol));
      expect(open.filter((one) => isUnread(one))).toEqual([]);
      expect(open.filter((one) => listedIdOf(one) === clientOrderId)).toMatchObject([report]);
      expect(await value(venue.cancel(symbol, clientOrderId))).toBeUndefined();
      expect(await value(venue.order(symbol, clientOrderId))).toMatchObject({ ...report, status: 'Cancelled' });
      const left = await value(venue.openOrders(symbol));
      expect(left.filter((one) => listedIdOf(one) === clientOrderId)).toEqual([]);
      expect(await subject.settle(venue.cancel(symbol, clientOrderId))).toEqual({ kind: 'notFound' });
    });

    it('does not find an order that was never placed', async () => {
      const { symbol, clientOrderId } = buy();
      expect(await subject.settle(venue.order(symbol, clientOrderId))).toEqual({ kind: 'notFound' });
      expect(await subject.settle(venue.cancel(symbol, clientOrderId))).toEqual({ kind: 'notFound' });
    });

    it('sends nothing when the order may not leave', async () => {
      const order = buy();
      const reply = await subject.settle(place(order, { refusal: () => 'EpochFenced' }));
      expect(reply).toEqual({ kind: 'notSent', reason: 'EpochFenced' });
      const found = await subject.settle(venue.order(order.symbol, order.clientOrderId));
      expect(found).toEqual({ kind: 'notFound' });
    });

    it('rejects an order whose timestamp is older than its window', async () => {
      const order = buy();
      const timestampMs = subject.nowMs() - 60_000;
      expect(await subject.settle(place(order, { timestampMs }))).toMatchObject({ kind: 'rejected' });
      const found = await subject.settle(venue.order(order.symbol, order.clientOrderId));
      expect(found).toEqual({ kind: 'notFound' });
    });

    it('rejects an order whose timestamp is further ahead than its rules accept', async () => {
      const order = buy();
      const timestampMs = subject.nowMs() + venue.rules.acceptedAheadMs + 10_000;
      expect(await subject.settle(place(order, { timestampMs }))).toMatchObject({ kind: 'rejected' });
      const found = await subject.settle(venue.order(order.symbol, order.clientOrderId));
      expect(found).toEqual({ kind: 'notFound' });
    });

    it('locks the funds of a resting order until it is cancelled', async () => {
      const order = buy();
      const { quote } = assetsOf(order.symbol);
      const before = await holdings(quote);
      await value(place(order));
      const held = await holdings(quote);
      expect(held.locked).toBeGreaterThanOrEqual(add(before.locked, notionalOf(order.price, order.quantity)));
      expect(add(held.free, held.locked)).toBe(add(before.free, before.locked));
      await value(venue.cancel(order.symbol, order.clientOrderId));
      expect(await holdings(quote)).toEqual(before);
    });

    it('reports the fills of a marketable order, oldest first, and moves the balances by them', async () => {
      const order = buy({ type: 'IMMEDIATE_OR_CANCEL', price: subject.fillingPrice });
      const { base, quote } = assetsOf(order.symbol);
      const before = { base: await holdings(base), quote: await holdings(quote) };
      const since = subject.nowMs() - MAX_SKEW_MS;
      const { venueOrderId } = await value(place(order));
      const report = await value(venue.order(order.symbol, order.clientOrderId));
      expect(report).toMatchObject({ status: 'Filled', executed: order.quantity, resting: false });
      const { fills: all, unread, complete } = await value(venue.fills(order.symbol, { fromMs: since }));
      expect([unread, complete]).toEqual([[], true]);
      expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).toSorted((a, b) => a - b));
      expect(new Set(all.map((fill) => fill.venueTradeId)).size).toBe(all.length);
      const fills = all.filter((fill) => fill.venueOrderId === venueOrderId);
      expect(fills.every(({ symbol, side }) => symbol === order.symbol && side === 'buy')).toBe(true);
      expect(fills.reduce((sum, fill) => add(sum, fill.quantity), ZERO)).toBe(report.executed);
      expect((await holdings(base)).free).toBe(add(before.base.free, report.executed));
      const paid = fills.reduce((sum, { price, quantity }) => add(sum, notionalOf(price, quantity)), ZERO);
      const fees = fills.reduce((sum, { fee }) => add(sum, fee), ZERO);
      expect(fills.every(({ feeAsset }) => feeAsset === quote)).toBe(true);
      expect((await holdings(quote)).free).toBe(subtract(before.quote.free, add(paid, fees)));
    });

    it('reports the fills of a range, both ends included, and those after it to the next request', async () => {
      const order = buy({ type: 'IMMEDIATE_OR_CANCEL', price: subject.fillingPrice });
      const fromMs = subject.nowMs() - MAX_SKEW_MS;
      await value(place(order));
      const { symbol } = order;
      const { fills: all } = await value(venue.fills(symbol, { fromMs }));
      const newestMs = all.at(-1)?.time ?? 0;
      const upTo = async (toMs: number) => (await value(venue.fills(symbol, { fromMs, toMs }))).fills;
      expect(await upTo(newestMs)).toEqual(all);
      const older = all.filter(({ time }) => time < newestMs);
      expect(await upTo(newestMs - 1)).toEqual(older);
      const { fills: newest, complete } = await value(venue.fills(symbol, { fromMs: newestMs }));
      expect([newest, complete]).toEqual([all.filter(({ time }) => time === newestMs), true]);
    });

    it('reports a post-only order that rests, and cancels it', async () => {
      const order = buy({ type: 'LIMIT_MAKER' });
      await value(place(order));
      const report = { status: 'New', resting: true, executed: ZERO };
      expect(await value(venue.order(order.symbol, order.clientOrderId))).toMatchObject(report);
      await value(venue.cancel(order.symbol, order.clientOrderId));
      expect(await value(venue.order(order.symbol, order.clientOrderId))).toMatchObject({ status: 'Cancelled' });
    });

    it('ends a post-only order that would take without a fill, and moves no balance', async () => {
      expect(await endUnfilled(buy({ type: 'LIMIT_MAKER', price: subject.fillingPrice }))).toEqual(UNTOUCHED);
    });

    it('ends a fill-or-kill order that the book cannot fill without a fill, and moves no balance', async () => {
      expect(await endUnfilled(buy({ type: 'FILL_OR_KILL' }))).toEqual(UNTOUCHED);
    });

    it('fills a fill-or-kill order that the book can fill', async () => {
      const order = buy({ type: 'FILL_OR_KILL', price: subject.fillingPrice });
      await value(place(order));
      const report = await value(venue.order(order.symbol, order.clientOrderId));
      expect(report).toMatchObject({ status: 'Filled', executed: order.quantity, resting: false });
    });

    /** Either the venue accepts such an order and cancels it at once, or it rejects it. */
    async function endUnfilled({ symbol, ...terms }: OrderRequest) {
      const { base, quote } = assetsOf(symbol);
      const before = [await holdings(base), await holdings(quote)];
      const reply = await subject.settle(place({ symbol, ...terms }));
      const report = reply.kind === 'ok' ? await value(venue.order(symbol, terms.clientOrderId)) : undefined;
      const { status, executed } = report ?? { status: reply.kind, executed: ZERO };
      const ended = status === 'Cancelled' || status === 'rejected';
      const after = [await holdings(base), await holdings(quote)];
      return {
        ended,
        executed,
        moved: after.some(({ free, locked }, at) => free !== before[at]?.free || locked !== before[at]?.locked),
      };
    }

    it('rejects an order that the account cannot pay', async () => {
      const order = buy({ quantity: parseDecimal('100000') });
      expect(await subject.settle(place(order))).toMatchObject({ kind: 'rejected' });
    });
  });
}
