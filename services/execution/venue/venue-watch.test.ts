import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { MEXC_RULES } from '../../shared/venue/mexc/rules.ts';
import type { PlaceTerms, TradingVenue } from '../../shared/venue/trading-venue.ts';
import { intendedOrder } from '../core/order-record.ts';
import { watchVenue } from './venue-watch.ts';

const TERMS: PlaceTerms = { timestampMs: 1, recvWindowMs: 500, refusal: () => undefined };
const order = approvedOrder('d1');
const { request } = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });

/** A venue that answers each call after `latencyMs` with `reply`. */
function slowVenue(clock: VirtualClock, latencyMs: number, reply: VenueReply<never>): TradingVenue {
  const answer = async (): Promise<VenueReply<never>> => {
    await clock.sleep(latencyMs);
    return reply;
  };
  return {
    rules: { ...MEXC_RULES, acceptedAheadMs: 1_000, clientOrderIdMaxLength: 32 },
    place: async (_request, { refusal }) => {
      const reason = refusal();
      return reason === undefined ? await answer() : { kind: 'notSent', reason };
    },
    cancel: answer,
    order: answer,
    openOrders: answer,
    fills: answer,
    balances: answer,
    clockSkewMs: answer,
  };
}

async function healthAfter(reply: VenueReply<never>, calls: readonly ((venue: TradingVenue) => Promise<unknown>)[]) {
  const clock = virtualClock();
  const venue = watchVenue(slowVenue(clock, 20, reply), clock);
  for (const call of calls) {
    const ended = call(venue);
    await clock.advance(20);
    await ended;
  }
  return { ...venue.health(0), clock, venue };
}

describe('a watched venue', () => {
  const TIMED: readonly ((venue: TradingVenue) => Promise<unknown>)[] = [
    async (venue) => await venue.place(request, TERMS),
    async (venue) => await venue.cancel('XRP/ETH', 'a'),
    async (venue) => await venue.order('XRP/ETH', 'a'),
    async (venue) => await venue.openOrders('XRP/ETH'),
    async (venue) => await venue.balances(),
  ];
  const COUNTED: typeof TIMED = [
    async (venue) => await venue.fills('XRP/ETH', { fromMs: 0 }),
    async (venue) => await venue.clockSkewMs(),
  ];

  it('counts every request, and times those that are a single one', async () => {
    expect(await healthAfter({ kind: 'notFound' }, [...TIMED, ...COUNTED])).toMatchObject({
      requests: 7,
      timed: 5,
      medianMs: 20,
      failures: { NoAnswer: 0, NotSent: 0 },
    });
  });

  it('counts failures of every request, and times none of them', async () => {
    const health = await healthAfter({ kind: 'unknown', reason: 'timeout' }, [...TIMED, ...COUNTED]);
    expect(health).toMatchObject({ requests: 7, timed: 0, medianMs: undefined, failures: { NoAnswer: 7 } });
  });

  it('has how long the venue demands a pause', async () => {
    const reply = { kind: 'rateLimited', retryAfterMs: 9_000, banned: true } as const;
    expect(await healthAfter(reply, TIMED.slice(0, 1))).toMatchObject({
      failures: { Banned: 1 },
      longestPauseMs: 9_000,
    });
  });

  it('does not count an order that this process itself refused at the last moment', async () => {
    const refused = { ...TERMS, refusal: () => 'PermitExpired' };
    const health = await healthAfter({ kind: 'notFound' }, [async (venue) => await venue.place(request, refused)]);
    expect(health.requests).toBe(0);
  });

  it('observes other requests of the account, and forgets everything after a minute', async () => {
    const { clock, venue } = await healthAfter({ kind: 'notFound' }, TIMED);
    await venue.observed(async () => await Promise.resolve({ kind: 'unknown', reason: 'reset' }));
    expect(venue.health(0)).toMatchObject({ requests: 6, failures: { NoAnswer: 1 } });
    await clock.advance(60_000);
    expect(venue.health(0).requests).toBe(0);
  });

  it('stays bounded', async () => {
    const { venue } = await healthAfter({ kind: 'notFound' }, []);
    for (let call = 0; call < 5_000; call += 1)
      await venue.observed(async () => await Promise.resolve({ kind: 'notFound' }));
    expect(venue.health(0).requests).toBe(2_000);
  });
});

describe('the record of the health of the venue', () => {
  let stack: VirtualStack;

  beforeEach(() => {
    stack = createVirtualStack();
  });

  afterEach(() => stack.kill());

  it('is written by the holder of the fence only', async () => {
    stack.start();
    await stack.clock.advance(20_000);
    expect(stack.record.venueHealth).toBeUndefined();
  });

  it('has the queries of the reconcile while no order may be sent, so that a breaker can leave', async () => {
    stack.record.restrict('breaker-venue-errors', 'Reducing');
    const execution = await stack.active();
    await stack.clock.advance(60_000);
    expect(stack.record.venueHealth).toMatchObject({ epoch: 1 });
    expect(stack.record.venueHealth?.health.requests).toBeGreaterThanOrEqual(100);
    expect(stack.record.venueHealth?.health.timed).toBeGreaterThanOrEqual(10);
    expect(stack.clock.nowMs() - (stack.record.venueHealth?.atMs ?? 0)).toBeLessThanOrEqual(6_000);
    expect(execution.figures()).toMatchObject({ venueFailures: 0 });
  });

  it('has the failures of the venue', async () => {
    const silent = async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' } as const);
    await stack.active({ at: { balances: silent, openOrders: silent, fills: silent } });
    await stack.clock.advance(30_000);
    expect(stack.record.venueHealth?.health.failures.NoAnswer).toBeGreaterThan(10);
  });

  it('stops no order when it cannot be written', async () => {
    const recordVenueHealth = async (): Promise<never> => await Promise.reject(new Error('Postgres is unavailable'));
    const execution = await stack.active({ store: { recordVenueHealth } });
    await stack.clock.advance(20_000);
    const sent = stack.approve('one');
    await execution.onApproval(sent.decisionId);
    await stack.clock.advance(100);
    expect(stack.placed()).toEqual([sent.clientOrderId]);
  });
});
