import { describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { refuse } from '../../../test/harness/execution/budget-processes.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { VenueFailure, VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { MEXC_RULES } from '../../shared/venue/mexc/rules.ts';
import type { PlaceTerms, TradingVenue } from '../../shared/venue/trading-venue.ts';
import { observationOfPlace } from '../core/classify-reply.ts';
import { intendedOrder } from '../core/order-record.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';
import { RateBudget } from './rate-budget.ts';
import { createRateLimitedVenue } from './rate-limited-venue.ts';

type Call = Exclude<keyof TradingVenue, 'rules'>;

const LIMITED: VenueFailure = { kind: 'rateLimited', retryAfterMs: 3_000 };
const BANNED: VenueFailure = { kind: 'rateLimited', retryAfterMs: 3_000, banned: true };
const FINE: VenueFailure = { kind: 'notFound' };

const TERMS: PlaceTerms = { timestampMs: 1, recvWindowMs: 500, refusal: () => undefined };
const ORDER = approvedOrder('d1');
const { request } = intendedOrder({
  order: ORDER,
  instrument: { takerFee: parseDecimal('0.001') },
  epoch: 1,
  intendedAtMs: 1,
});

const CALLS: Readonly<Record<Call, (venue: TradingVenue) => Promise<VenueReply<unknown>>>> = {
  place: async (venue) => await venue.place(request, TERMS),
  cancel: async (venue) => await venue.cancel('XRP/ETH', 'a'),
  order: async (venue) => await venue.order('XRP/ETH', 'a'),
  openOrders: async (venue) => await venue.openOrders('XRP/ETH'),
  fills: async (venue) => await venue.fills('XRP/ETH', { fromMs: 0 }),
  balances: async (venue) => await venue.balances(),
  clockSkewMs: async (venue) => await venue.clockSkewMs(),
};
const NAMES = Object.keys(CALLS) as Call[];

const LIMITS = { ordersPerSecond: 100, queries: MEXC_RULES.queryLimit };
const log = createLogger({ name: 'test', level: 'silent' });

function budgetOn(clock: VirtualClock): RateBudget {
  return new RateBudget({ shared: new MemoryBudget(clock), limits: LIMITS, holdsFence: () => true, clock, log });
}

/** Of a process that adds to a pause, because it has neither Redis nor the fence. */
function yieldingBudget(clock: VirtualClock): RateBudget {
  return new RateBudget({ shared: { take: refuse }, limits: LIMITS, holdsFence: () => false, clock, log });
}

/**
 * Returns a rate-limited venue that replies `FINE` unless `replies` has another reply, and records the calls in
 * `called`.
 */
function limitedVenue(clock: VirtualClock = virtualClock(), budget = budgetOn(clock)) {
  const called: Call[] = [];
  const replies = new Map<Call, VenueFailure>();
  const replyTo = (name: Call) => async () => {
    called.push(name);
    return await Promise.resolve(replies.get(name) ?? FINE);
  };
  const venue: TradingVenue = {
    rules: { ...MEXC_RULES, acceptedAheadMs: 700, clientOrderIdMaxLength: 20 },
    place: replyTo('place'),
    cancel: replyTo('cancel'),
    order: replyTo('order'),
    openOrders: replyTo('openOrders'),
    fills: replyTo('fills'),
    balances: replyTo('balances'),
    clockSkewMs: replyTo('clockSkewMs'),
  };
  return { clock, called, replies, inner: venue, budget, venue: createRateLimitedVenue(venue, budget) };
}

it('names the pause that the venue demands, and waits longer where others may retry at its end', async () => {
  const clock = virtualClock();
  const { called, replies, venue } = limitedVenue(clock, yieldingBudget(clock));
  await venue.balances();
  replies.set('balances', { kind: 'rateLimited', retryAfterMs: 3_000 });
  await venue.balances();
  await clock.advance(1_000);
  expect(await venue.clockSkewMs()).toEqual({ kind: 'rateLimited', retryAfterMs: 2_000 });
  await clock.advance(3_000);
  expect(await venue.clockSkewMs()).toEqual({ kind: 'rateLimited', retryAfterMs: 0 });
  expect(called).toEqual(['balances', 'balances']);
});

describe('the rate limiter', () => {
  it.each(NAMES)(
    'after a rate limit in the reply to %s, passes at most cancellations until it expires',
    async (hit) => {
      const { clock, called, replies, budget, venue } = limitedVenue();
      replies.set(hit, LIMITED);
      expect(await CALLS[hit](venue)).toEqual(LIMITED);
      replies.clear();
      called.length = 0;
      await clock.advance(1_000);
      for (const name of NAMES) {
        const passes = name === 'cancel' && hit !== 'cancel';
        const expected = passes ? FINE : { kind: 'rateLimited', retryAfterMs: 2_000 };
        expect(await CALLS[name](venue)).toEqual(expected);
      }
      expect(called).toEqual(hit === 'cancel' ? [] : ['cancel']);
      expect(budget.limitedForMs()).toBe(2_000);
      await clock.advance(2_000);
      expect(budget.limitedForMs()).toBe(0);
      for (const name of NAMES) expect(await CALLS[name](venue)).toEqual(FINE);
    },
  );

  it('keeps the rules of the venue', () => {
    const { inner, venue } = limitedVenue();
    expect(venue.rules).toEqual(inner.rules);
  });

  it('holds back other calls of the account, and applies a limit that they meet', async () => {
    const { called, replies, venue } = limitedVenue();
    let otherCalls = 0;
    const other = async () => {
      otherCalls += 1;
      return await Promise.resolve(LIMITED);
    };
    expect(await venue.through(other)).toEqual(LIMITED);
    expect(await CALLS.order(venue)).toEqual(LIMITED);
    expect(await venue.through(other)).toEqual(LIMITED);
    expect([called, otherCalls, replies.size]).toEqual([[], 1, 0]);
  });

  it('says how long it holds back cancellations, and how long everything else', async () => {
    const { replies, venue } = limitedVenue();
    replies.set('cancel', { kind: 'rateLimited', retryAfterMs: 3_600_000 });
    await CALLS.cancel(venue);
    expect([await CALLS.cancel(venue), await CALLS.place(venue)]).toEqual([
      { kind: 'rateLimited', retryAfterMs: 60_000 },
      { kind: 'rateLimited', retryAfterMs: 3_600_000 },
    ]);
  });

  it('after a ban, holds back cancellations too', async () => {
    const { clock, called, replies, venue } = limitedVenue();
    replies.set('order', BANNED);
    await CALLS.order(venue);
    called.length = 0;
    expect(await CALLS.cancel(venue)).toEqual(LIMITED);
    expect(called).toEqual([]);
    await clock.advance(3_000);
    expect(await CALLS.cancel(venue)).toEqual(FINE);
  });

  it('does not shorten a limit when a shorter one arrives', async () => {
    const { replies, budget, venue } = limitedVenue();
    replies.set('order', LIMITED);
    await CALLS.order(venue);
    replies.set('cancel', { kind: 'rateLimited', retryAfterMs: 1_000 });
    await CALLS.cancel(venue);
    expect(budget.limitedForMs()).toBe(3_000);
  });

  it('rejects an order with a certain outcome, never an unknown one', async () => {
    const { replies, venue } = limitedVenue();
    replies.set('balances', LIMITED);
    await CALLS.balances(venue);
    const reply = await venue.place(request, TERMS);
    expect(observationOfPlace(reply, 1)).toEqual({ kind: 'Refused', code: 'RateLimited' });
  });

  it('stops an order when a limit begins while it waits for its connection', async () => {
    const { replies, inner, clock } = limitedVenue();
    replies.set('order', LIMITED);
    const slow: TradingVenue = {
      ...inner,
      place: async (_request, terms) => {
        await clock.sleep(10);
        const reason = terms.refusal();
        return reason === undefined ? { kind: 'ok', value: { venueOrderId: 'v' } } : { kind: 'notSent', reason };
      },
    };
    const venue = createRateLimitedVenue(slow, budgetOn(clock));
    const placing = venue.place(request, TERMS);
    await CALLS.order(venue);
    await clock.advance(10);
    expect(await placing).toEqual({ kind: 'notSent', reason: 'RateLimited' });
  });
});
