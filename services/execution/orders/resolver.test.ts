import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { DeadLetters } from './dead-letters.ts';
import { LiveOrders } from './live-orders.ts';
import { Resolver } from './resolver.ts';

const HOUR_MS = 3_600_000;
const rules = { recvWindowMs: 2_000, skewBoundMs: 500, acceptedAheadMs: 1_000, visibilityMs: 2_000 };
const HORIZON_MS = 5_000;
const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let store: MemoryExecutionStore;
let orders: LiveOrders;
let resolver: Resolver;
let registry: Registry;
/** Queries that the venue was sent, and what it answers. */
let asked = 0;
let answer: VenueFailure;

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  registry = new Registry();
  const metrics = createExecutionMetrics(registry);
  const deadLetters = new DeadLetters({ store, metrics, log });
  orders = new LiveOrders({ store, deadLetters, epoch: () => 1, mayRecord: () => true, metrics, clock, log });
  // The venue may have the order without showing it yet.
  [asked, answer] = [0, { kind: 'notFound' }];
  const absent = async () => {
    asked += 1;
    return await Promise.resolve(answer);
  };
  resolver = new Resolver({
    venue: { order: absent, fills: absent },
    orders,
    rules,
    inFlight: new Set(),
    metrics,
    clock,
    log,
  });
});

function committed(intendedAtMs: number): OrderRecord {
  const order = intendedOrder({ order: approvedOrder('d1'), instrument: undefined, epoch: 1, intendedAtMs });
  store.orders.set(order.request.clientOrderId, order);
  return order;
}

/** Resolves for `ms`, then returns the state of the only order. */
async function stateAfter(ms: number): Promise<string | undefined> {
  for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 50) {
    resolver.resolveDue();
    await clock.advance(50);
  }
  return [...store.orders.values()][0]?.state.kind;
}

describe('the resolver, when the venue does not show an order', () => {
  it.each([
    ['forward', HOUR_MS],
    ['back', -HOUR_MS],
  ])('concludes by elapsed time, even when the wall clock jumps %s', async (_direction, jumpMs) => {
    orders.add(committed(clock.nowMs()));
    expect(await stateAfter(100)).toBe('Unknown');
    clock.setNow(clock.nowMs() + jumpMs);
    expect(await stateAfter(HORIZON_MS - 150)).toBe('Unknown');
    expect(await stateAfter(500)).toBe('NeverSent');
  });

  it('concludes an order of an earlier process by the time for which this process has held it', async () => {
    committed(clock.nowMs() - HOUR_MS);
    await clock.advance(HOUR_MS);
    await orders.reload();
    expect(await stateAfter(HORIZON_MS - 50)).toBe('Unknown');
    // Reading the rows again does not restart the wait.
    await orders.reload();
    expect(await stateAfter(500)).toBe('NeverSent');
  });
});

const UNLISTED: VenueFailure = { kind: 'rejected', code: '10007', message: 'bad symbol', pair: 'Unlisted' };

it.each([
  ['it', { kind: 'notFound' } as const],
  ['its pair', UNLISTED],
])('reports an acknowledged order as missing once, after the venue has not known %s for a minute', async (_, reply) => {
  answer = reply;
  const order: OrderRecord = { ...committed(clock.nowMs()), state: { kind: 'Open', venueOrderId: 'V1' } };
  const { clientOrderId } = order.request;
  store.orders.set(clientOrderId, order);
  orders.add(order);
  const settleFor = async (ms: number): Promise<void> => {
    for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 5_000) {
      await resolver.settle(order);
      await clock.advance(5_000);
    }
  };
  await settleFor(60_000);
  expect(resolver.missing.size).toBe(0);
  await settleFor(20_000);
  expect([...resolver.missing]).toEqual([clientOrderId]);
  expect(store.orders.get(clientOrderId)?.state.kind).toBe('Open');
  expect(await registry.metrics()).toContain('tradingstack_execution_findings_total{kind="Missing"} 1');
});

it('neither misses nor concludes an order that the venue lists as open, whatever its query says', async () => {
  const unanswered = committed(clock.nowMs());
  orders.add(unanswered);
  for (let elapsedMs = 0; elapsedMs < 2 * HORIZON_MS; elapsedMs += 1_000) {
    resolver.onListed(unanswered.request.clientOrderId);
    expect(await stateAfter(1_000)).toBe('Unknown');
  }
  expect(await stateAfter(2 * HORIZON_MS)).toBe('Unknown');
  const row: OrderRecord = { ...unanswered, state: { kind: 'Open', venueOrderId: 'V1' } };
  store.orders.set(row.request.clientOrderId, row);
  orders.add(row);
  for (let elapsedMs = 0; elapsedMs < 120_000; elapsedMs += 5_000) {
    resolver.onListed(row.request.clientOrderId);
    await resolver.settle(row);
    await clock.advance(5_000);
  }
  expect(resolver.missing.size).toBe(0);
});

it.each([
  ['LIMIT', 0],
  ['LIMIT_MAKER', 0],
  ['IMMEDIATE_OR_CANCEL', 1],
  ['FILL_OR_KILL', 1],
] as const)('queries an acknowledged order of the type %s %d times in its first moments', async (type, queries) => {
  const intent = committed(clock.nowMs());
  const order: OrderRecord = {
    ...intent,
    request: { ...intent.request, type },
    state: { kind: 'Open', venueOrderId: 'V1' },
  };
  store.orders.set(order.request.clientOrderId, order);
  orders.add(order);
  resolver.resolveDue();
  await clock.advance(5);
  expect(asked).toBe(queries);
});
