import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultyVenue } from '../../../test/faults/faulty-venue.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { startVirtualExecution } from '../../../test/harness/virtual-execution.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { UnreadFrame } from '../../shared/venue/unread-frames.ts';
import type { ExecutionStore } from '../ports.ts';
import type { Execution } from '../service.ts';

const INTERVAL_MS = 5_000;
let clock: VirtualClock;
let registry: Registry;
let execution: Execution;
let ending: AbortController;
let stored: UnreadFrame[];
/** Monotonic times of the first query of each reconcile. */
let reconciles: number[];
/** Fills that the database has been given, and what each statement waits for. */
let recorded: number;
let database: Promise<void>;

beforeEach(async () => {
  clock = virtualClock();
  registry = new Registry();
  ending = new AbortController();
  [stored, reconciles, recorded, database] = [[], [], 0, Promise.resolve()];
  const venue = new FaultyVenue(clock, () => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
  const clockSkewMs = venue.clockSkewMs.bind(venue);
  venue.clockSkewMs = async () => {
    reconciles.push(clock.monotonicMs());
    return await clockSkewMs();
  };
  const keepFrame = async (frame: UnreadFrame) => await Promise.resolve({ kind: stored.push(frame) > 0 ? 'ok' : '' });
  const settings = { reconcileIntervalMs: INTERVAL_MS };
  const record = new MemoryExecutionStore();
  const recordObservation: ExecutionStore['recordObservation'] = async (observed) => {
    recorded += 1;
    await database;
    return await record.recordObservation(observed);
  };
  const store = new Proxy(record, {
    get: (target, name): unknown => Reflect.get(name === 'recordObservation' ? { recordObservation } : target, name),
  });
  execution = startVirtualExecution(
    { clock, store, venue, incarnation: 'me', settings, registry, keepFrame },
    ending.signal,
  );
  await clock.advance(1);
  await execution.activate(1);
  await clock.advance(4_000);
  reconciles.length = 0;
});

afterEach(() => ending.abort(new Error('the test ends')));

/** Delivers the frame every 100 ms for `ms`. */
async function stream(ms: number, frame: () => void): Promise<void> {
  for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 100) {
    frame();
    await clock.advance(100);
  }
}

it('starts a reconcile at once on an unreadable frame, and ever fewer while such frames continue', async () => {
  await stream(20_000, () => execution.streamEvents.onMalformed(new Uint8Array([1]), 'odd'));
  const [first = 0] = reconciles;
  const delays = reconciles.slice(1).map((at, index) => at - (reconciles[index] ?? first));
  expect(delays.length).toBeGreaterThanOrEqual(4);
  for (const [index, delay] of delays.entries())
    expect(delay).toBeGreaterThanOrEqual(Math.min(INTERVAL_MS, 1_000 * 2 ** Math.max(0, index - 1)));
});

it('starts a reconcile at once again on an unreadable frame after a quiet interval', async () => {
  await stream(10_000, () => execution.streamEvents.onMalformed(new Uint8Array([1]), 'odd'));
  await clock.advance(3 * INTERVAL_MS);
  reconciles.length = 0;
  await clock.advance(1_500);
  const nudgedAtMs = clock.monotonicMs();
  execution.streamEvents.onMalformed(new Uint8Array([1]), 'odd');
  await clock.advance(1_000);
  expect(reconciles.some((at) => at >= nudgedAtMs && at <= nudgedAtMs + 1_000)).toBe(true);
});

it('counts frames of a pair that is not traded here, and starts no reconcile', async () => {
  await stream(10_000, () => execution.streamEvents.onForeign('BTCUSDT'));
  expect(execution.sender().role).toBe('active');
  expect(reconciles.length).toBeLessThanOrEqual(2);
  expect(await registry.metrics()).toContain('tradingstack_execution_private_frames_total{kind="Foreign"} 100');
});

it('counts an unreadable frame and stores it with its payload', async () => {
  execution.streamEvents.onMalformed(new Uint8Array([255, 1]), 'odd');
  await clock.advance(1);
  expect(stored).toEqual([{ reason: 'odd', bytes: 2, payload: 'ff01', receivedAt: clock.nowMs() - 1 }]);
  const metrics = await registry.metrics();
  expect(metrics).toContain('tradingstack_execution_private_frames_total{kind="Malformed"} 1');
  expect(metrics).toContain('tradingstack_execution_dead_letters_total{outcome="kept"} 1');
});

it('waits with at most a thousand events for the database, and reads what it counted out with a reconcile', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  database = promise;
  for (let count = 1; count <= 1_500; count += 1) execution.streamEvents.onFill(fillOf(`t${count}`));
  await clock.advance(100);
  expect([recorded, reconciles.length]).toEqual([1, 1]);
  resolve();
  await clock.advance(1_000);
  expect(recorded).toBe(1_000);
  expect(await registry.metrics()).toContain('tradingstack_execution_private_frames_total{kind="Excess"} 500');
  execution.streamEvents.onFill(fillOf('later'));
  await clock.advance(1);
  expect(recorded).toBe(1_001);
});

function fillOf(venueTradeId: string): Fill {
  const [price, quantity, fee] = [parseDecimal('0.001'), parseDecimal('1'), parseDecimal('0')];
  const order = { venueOrderId: 'v1', clientOrderId: 'of-a-person', symbol: 'XRP/ETH', side: 'buy' } as const;
  return { ...order, venueTradeId, price, quantity, fee, feeAsset: 'ETH', maker: false, time: clock.nowMs() };
}
