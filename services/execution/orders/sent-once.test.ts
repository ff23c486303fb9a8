import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { CLEAR } from '../../../test/fixtures/sending-facts.ts';
import { FaultyVenue } from '../../../test/faults/faulty-venue.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { TradingStates } from '../../shared/trading-state/trading-states.ts';
import { intendedOrder, type OrderRecord } from '../core/order-record.ts';
import { SenderFence } from '../fence/sender-fence.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { Approvals } from './approvals.ts';
import { CommitDoubts } from './commit-doubts.ts';
import { DeadLetters } from './dead-letters.ts';
import { LiveOrders } from './live-orders.ts';
import { Sender } from './sender.ts';
import { SentOrders } from './sent-orders.ts';

// Three guards keep an order from being sent twice, and each hides that another one is missing. Each is alone here.

const log = createLogger({ name: 'test', level: 'silent' });
const status = { holding: () => undefined, refusal: () => undefined, awaitsComparison: () => false };
const INSTRUMENT = { takerFee: parseDecimal('0.001') } as Instrument;
let clock: VirtualClock;

beforeEach(() => {
  clock = virtualClock();
});

describe('an approval that is offered twice', () => {
  /** Order of each call of the sender, and what ends the calls that are under way. */
  let calls: string[];
  let end: () => void;
  let row: OrderRecord | undefined;

  function approvals(): Approvals {
    calls = [];
    row = undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const call = (name: string) => async () => {
      calls.push(name);
      await ended;
    };
    return new Approvals({
      sender: { send: call('send'), end: call('end'), adopt: call('adopt') },
      venue: {
        order: async () => {
          calls.push('ask');
          return await Promise.resolve({ kind: 'notFound' });
        },
      },
      orders: { get: () => row },
      fence: {
        takesApprovals: true,
        grant: { atMs: 0, wallMs: 0, drained: true, recordWentBack: false, compared: undefined },
      },
      status,
      // It remembers nothing: the sender of this test sends nothing.
      sent: new SentOrders(clock),
      isRequested: () => false,
      deadLetters: { keep: async () => await Promise.resolve(), clear: async () => await Promise.resolve() },
      rules: { recvWindowMs: 500, skewBoundMs: 100, visibilityMs: 400, acceptedAheadMs: 1_000 },
      clock,
      log,
    });
  }

  it.each(['onAnnounced', 'onSwept'] as const)('goes to the sender once while it is settled (%s)', async (again) => {
    const settling = approvals();
    const order = approvedOrder('d1', { decidedAt: clock.nowMs() });
    settling.onAnnounced(order);
    settling[again](order);
    await clock.advance(10);
    expect(calls).toEqual(['send']);
    end();
    await clock.advance(10);
    settling.onAnnounced(order);
    expect(calls).toEqual(['send', 'send']);
  });

  it.each(['onAnnounced', 'onSwept'] as const)('is left alone while its row is live (%s)', async (again) => {
    const settling = approvals();
    const order = approvedOrder('d1', { decidedAt: clock.nowMs() });
    row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: clock.nowMs() });
    settling[again](order);
    await clock.advance(10);
    expect(calls).toEqual([]);
    row = undefined;
    settling[again](order);
    await clock.advance(10);
    expect(calls.at(-1)).toBe('send');
  });
});

it('a sender that is given an order twice sends it once, although the record has lost its row', async () => {
  const store = new MemoryExecutionStore();
  const metrics = createExecutionMetrics(new Registry());
  const states = new TradingStates({ store, clock, log });
  const fence = new SenderFence({ store, incarnation: 'me', permitMs: 2_000, states, clock, log });
  await fence.read();
  await fence.activate(1);
  fence.reconciled();
  const modules = { store, metrics, clock, log };
  const orders = new LiveOrders({
    ...modules,
    deadLetters: new DeadLetters(modules),
    epoch: () => 1,
    mayRecord: () => true,
  });
  const venue = new FaultyVenue(clock, () => ({ reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] }));
  const inFlight = new Set<string>();
  const sender = new Sender({
    ...modules,
    venue,
    budget: { turn: async () => await Promise.resolve('Granted'), expectedWaitMs: () => 0 },
    orders,
    fence,
    states,
    instrumentOf: () => INSTRUMENT,
    facts: () => CLEAR,
    status,
    sent: new SentOrders(clock),
    sentTimes: { note: () => {} },
    replies: { note: () => {} },
    doubts: new CommitDoubts({ orders, inFlight, clock, log }),
    isRequested: () => false,
    onReport: async () => await Promise.resolve(),
    incarnation: 'me',
    recvWindowMs: 500,
    inFlight,
  });
  const order = approvedOrder('d1', { decidedAt: clock.nowMs() });
  const once = async (): Promise<void> => {
    const sending = sender.send(order);
    await clock.advance(10);
    await sending;
  };
  await once();
  expect(venue.received).toHaveLength(1);
  store.orders.clear();
  await orders.reload();
  await once();
  expect(venue.received).toHaveLength(1);
});
