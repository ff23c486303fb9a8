import type { TradingState } from '../../shared/domain/trading-state.ts';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { parseDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { MEXC_RULES } from '../../shared/venue/mexc/rules.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../core/order-record.ts';
import type { ExecutionStore, MalformedOrder } from '../ports.ts';
import { createExecutionMetrics } from '../metrics.ts';
import { RateBudget } from '../budget/rate-budget.ts';
import { repeatPace } from '../core/budget/lanes.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';
import { Canceller, type CancellerOptions } from './canceller.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { DeadLetters } from './dead-letters.ts';
import type { OwnOpenOrder } from './open-orders.ts';
import { LiveOrders } from './live-orders.ts';

const OK = { kind: 'ok', value: undefined } as const;
const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let ending: AbortController;
/** Requests at the venue: order and time since the start. */
let requests: { readonly id: string; readonly atMs: number }[];
let answer: (id: string) => Promise<VenueReply<undefined>>;
/** What the database does with a note, and the notes that it received. */
let note: ExecutionStore['recordObservation'];
let notes: string[];
let listed: readonly OwnOpenOrder[];
/** Orders whose rows cannot be read. */
let malformed: readonly MalformedOrder[];
let orders: LiveOrders;
/** Orders that the venue calls ended. */
let ended: Set<string>;
/** Orders whose cancellation risk has requested. */
let requested: Set<string>;
/** Best bid of the only symbol, and the time of its book. */
let bestBid: Decimal | undefined;
let bookAtMs: number;

beforeEach(() => {
  clock = virtualClock();
  ending = new AbortController();
  [requests, notes, listed, malformed] = [[], [], [], []];
  ended = new Set();
  requested = new Set();
  bestBid = undefined;
  bookAtMs = Number.POSITIVE_INFINITY;
  answer = async () => await Promise.resolve(OK);
  note = async () => await Promise.resolve(undefined);
  const metrics = createExecutionMetrics(new Registry());
  orders = new LiveOrders({
    deadLetters: new DeadLetters({ store: new MemoryExecutionStore(), metrics, log }),
    store: {
      recordObservation: async (observation) => {
        notes.push(observation.key.clientOrderId);
        return await note(observation);
      },
      loadOrders: async () => await Promise.resolve({ orders: [], malformed }),
      clearedDeadLetters: async () => await Promise.resolve(new Set<string>()),
    },
    epoch: () => 1,
    mayRecord: () => true,
    metrics,
    clock,
    log,
  });
});

afterEach(() => ending.abort(new Error('the test ends')));

function rest(id: string, deadline = clock.nowMs(), change: Partial<ApprovedOrder> = {}): void {
  const order = approvedOrder(id, { clientOrderId: id, type: 'LIMIT', deadline, ...change });
  const intent: OrderRecord = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
  orders.add({ ...intent, state: { kind: 'Open', venueOrderId: `V${id}` } });
}

function create(state: TradingState = 'Halted', rate = 100, change: Partial<CancellerOptions> = {}): Canceller {
  const cancelInTurn = async (_symbol: string, id: string): Promise<VenueReply<undefined>> => {
    requests.push({ id, atMs: clock.monotonicMs() });
    return await answer(id);
  };
  const limits = { ordersPerSecond: rate, queries: MEXC_RULES.queryLimit };
  return new Canceller({
    venue: { cancelInTurn },
    pace: () => repeatPace(rate, true),
    budget: new RateBudget({ shared: new MemoryBudget(clock), limits, holdsFence: () => true, clock, log }),
    orders,
    openOrders: { listed: () => listed },
    tradingState: () => state,
    isRequested: (id) => requested.has(id),
    isEndedThere: (id) => ended.has(id),
    bestBid: (symbol, sinceMs) => (symbol === 'XRP/ETH' && sinceMs <= bookAtMs ? bestBid : undefined),
    clock,
    log,
    ...change,
  });
}

/** Runs the lane as the service does. */
async function runFor(ms: number, canceller: Canceller): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    canceller.cancelDue();
    await clock.advance(100);
  }
}

const firstRequestMs = (id: string): number => requests.find((request) => request.id === id)?.atMs ?? Infinity;
const hang = async (): Promise<never> => await new Promise(() => {});
const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `o${index}`);

it('repeats a request each second until the order has ended', async () => {
  rest('a');
  rest('b');
  await runFor(1_900, create());
  expect(requests).toEqual([
    { id: 'a', atMs: 0 },
    { id: 'b', atMs: 0 },
    { id: 'a', atMs: 1_000 },
    { id: 'b', atMs: 1_000 },
  ]);
});

it('cancels an order before its deadline that risk wants out of the way of an exit', async () => {
  const canceller = create('Active');
  for (const id of ['a', 'b']) rest(id, clock.nowMs() + 60_000);
  await runFor(500, canceller);
  expect(requests).toEqual([]);
  requested.add('b');
  await runFor(1_100, canceller);
  expect(requests.map(({ id, atMs }) => [id, atMs])).toEqual([
    ['b', 500],
    ['b', 1_500],
  ]);
});

it('asks less and less often for an order that the venue calls ended, and each second again when it does not', async () => {
  rest('a');
  rest('b');
  ended.add('a');
  const canceller = create();
  await runFor(600_000, canceller);
  const times = requests.filter(({ id }) => id === 'a').map(({ atMs }) => atMs);
  expect(times.slice(0, 5)).toEqual([0, 1_000, 3_000, 7_000, 15_000]);
  expect(times.length).toBeLessThan(20);
  expect(Math.max(...times)).toBeGreaterThan(530_000);
  expect(requests.filter(({ id }) => id === 'b').length).toBeGreaterThan(590);
  ended.delete('a');
  requests.length = 0;
  await runFor(5_000, canceller);
  expect(requests.filter(({ id }) => id === 'a').length).toBeGreaterThanOrEqual(4);
});

describe('an order whose row cannot be read', () => {
  const unread = async (id: string, deadlineMs: number | undefined): Promise<void> => {
    const row = { clientOrderId: id, symbol: 'XRP/ETH', deadlineMs, row: {}, problem: 'price' };
    malformed = [...malformed, row];
    await orders.reload();
  };
  const timesOf = (id: string) => requests.filter((request) => request.id === id).map(({ atMs }) => atMs);

  it('is cancelled when it is requested or past its deadline, less and less often, as nobody knows its end', async () => {
    await unread('due', clock.nowMs());
    await unread('young', clock.nowMs() + 600_000);
    await unread('requested', clock.nowMs() + 600_000);
    await unread('undated', undefined);
    requested.add('requested');
    const canceller = create('Active');
    await runFor(300_000, canceller);
    expect(timesOf('young')).toEqual([]);
    expect(timesOf('due').slice(0, 3)).toEqual([100, 1_100, 3_100]);
    for (const id of ['requested', 'undated']) expect(timesOf(id).slice(0, 3)).toEqual([0, 1_000, 3_000]);
    expect(timesOf('due').length).toBeLessThan(12);
    expect(Math.max(...timesOf('due'))).toBeGreaterThan(230_000);
    malformed = [];
    await orders.reload();
    requests.length = 0;
    await runFor(120_000, canceller);
    expect(requests).toEqual([]);
  });

  it('waits behind the others, and is requested each second while the venue lists it during a halt', async () => {
    await unread('unread', clock.nowMs() + 600_000);
    await unread('listed', clock.nowMs() + 600_000);
    rest('a');
    listed = [report('listed')];
    await runFor(7_500, create('Halted', 100));
    expect(requests.slice(0, 3).map(({ id }) => id)).toEqual(['a', 'listed', 'unread']);
    expect([timesOf('listed').length, timesOf('unread').length]).toEqual([8, 4]);
  });

  it('is left alone while its symbol cannot be read', async () => {
    malformed = [{ clientOrderId: 'a', symbol: '', deadlineMs: 0, row: {}, problem: 'symbol' }];
    await orders.reload();
    await runFor(2_000, create());
    expect(requests).toEqual([]);
  });
});

it('cancels an order that the market leaves behind, by a recent book, within a pass', async () => {
  const fromMs = clock.nowMs() + 1_000;
  const terms = { above: parseDecimal('0.0014005'), fromMs, untilMs: fromMs + 9_000 };
  const deadline = fromMs + 60_000;
  rest('maker', deadline, { requote: terms });
  rest('other', deadline, { requote: terms, symbol: 'BTC/ETH' });
  rest('plain', deadline);
  const canceller = create('Active');
  bestBid = parseDecimal('0.0014005');
  await runFor(1_500, canceller);
  bestBid = parseDecimal('0.0014006');
  bookAtMs = clock.nowMs() - 2_001;
  await runFor(1_000, canceller);
  expect(requests).toEqual([]);
  bookAtMs = clock.nowMs() - 1_000;
  await runFor(200, canceller);
  expect(requests.map(({ id }) => id)).toEqual(['maker']);
});

it('cancels only orders past their deadline while nothing is halted', async () => {
  rest('due', clock.nowMs() - 1);
  rest('young', clock.nowMs() + 10_000);
  listed = [report('unknown')];
  await runFor(500, create('Active'));
  expect(requests.map(({ id }) => id)).toEqual(['due']);
});

it.each([
  ['Halted', ['buy', 'sell', 'unread']],
  ['Reducing', ['buy']],
  ['Flattening', ['buy']],
  ['Active', []],
] as const)('while %s, cancels %j of what only the venue lists', async (state, cancelled) => {
  const sides = { buy: 'buy', sell: 'sell', unread: undefined } as const;
  listed = Object.entries(sides).map(([clientOrderId, side]) => ({ clientOrderId, symbol: 'XRP/ETH', side }));
  await runFor(500, create(state, 100));
  expect(requests.map(({ id }) => id)).toEqual(cancelled);
});

it('while reducing cancels buys, and lets sales rest until their deadline', async () => {
  rest('buy', clock.nowMs() + 10_000);
  rest('sale', clock.nowMs() + 10_000, { side: 'sell' });
  rest('due', clock.nowMs() - 1, { side: 'sell' });
  await runFor(500, create('Reducing'));
  expect(requests.map(({ id }) => id)).toEqual(['buy', 'due']);
});

it('during a halt cancels orders that only the venue knows, and each order once', async () => {
  rest('known');
  listed = [report('known'), report('unknown')];
  await runFor(900, create());
  expect(requests.map(({ id }) => id)).toEqual(['known', 'unknown']);
  expect(notes).toEqual(['known']);
});

describe('a database that is slow or unavailable', () => {
  it.each<[string, () => Promise<never>]>([
    ['rejects every note', async () => await Promise.reject(new Error('Postgres is unavailable'))],
    [
      'answers a note after 15 s',
      async () => {
        await clock.sleep(15_000);
        throw new Error('Query read timeout');
      },
    ],
    ['never answers a note', hang],
  ])('does not hold back the cancellations when it %s', async (_title, broken) => {
    note = broken;
    const startMs = clock.nowMs();
    for (const [index, id] of ids(20).entries()) rest(id, startMs + index * 100, { symbol: `A${index}/ETH` });
    const canceller = create('Active');
    await runFor(5_000, canceller);
    for (const [index, id] of ids(20).entries()) expect(firstRequestMs(id), id).toBeLessThanOrEqual(index * 100 + 200);
    // The others are repeated each second too.
    expect(requests.filter(({ id }) => id === 'o0').length).toBeGreaterThanOrEqual(4);
  });

  it('has a bounded number of notes waiting for it', async () => {
    let waiting = 0;
    orders.observeWithin = async () => {
      waiting += 1;
      await hang();
    };
    for (const id of ids(60)) rest(id);
    await runFor(20_000, create());
    expect(waiting).toBe(20);
  });

  it('receives no note that is old by the time of its turn', async () => {
    note = async () => {
      await clock.sleep(15_000);
      throw new Error('Query read timeout');
    };
    for (const id of ids(60)) rest(id);
    const canceller = create();
    await runFor(14_000, canceller);
    expect(notes).toHaveLength(1);
    note = async () => await Promise.resolve(undefined);
    await clock.advance(2_000);
    expect(notes).toHaveLength(1);
    // A database that answers again gets notes again.
    await runFor(1_100, canceller);
    expect(notes.length).toBeGreaterThan(1);
  });
});

describe('a slow venue', () => {
  it('is asked for 20 orders in parallel, at most five at a time', async () => {
    let inFlight = 0;
    let most = 0;
    answer = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await clock.sleep(200);
      inFlight -= 1;
      return OK;
    };
    for (const [index, id] of ids(20).entries()) rest(id, 0, { symbol: `A${index}/ETH` });
    await runFor(1_000, create());
    expect(Math.max(...ids(20).map(firstRequestMs))).toBeLessThanOrEqual(600);
    expect(most).toBe(5);
  });

  it('that never answers for one order holds back no other', async () => {
    answer = async (id) => (id === 'o0' ? await hang() : OK);
    for (const id of ids(20)) rest(id);
    await runFor(5_000, create());
    for (const id of ids(20)) expect(requests.filter((request) => request.id === id).length).toBeGreaterThanOrEqual(4);
  });

  it('whose repeated cancellations wait for exits is asked at once for an order that was not cancelled yet', async () => {
    const turn: RateBudget['turn'] = async (lane) => (lane === 'cancelAgain' ? await hang() : 'Granted');
    const canceller = create('Active', 5, { budget: { turn } });
    for (const id of ids(20)) rest(id, -1);
    await runFor(10_000, canceller);
    rest('fresh', -1);
    await runFor(100, canceller);
    expect(firstRequestMs('fresh')).toBeLessThan(Infinity);
  });

  it.each([
    ['Active', ['cancel', 'cancelAgain', 'cancelAgain']],
    ['Halted', ['cancel', 'cancel', 'cancel']],
  ] as const)('is asked in turns that are behind exits only while exits may be sent: %s', async (state, lanes) => {
    const asked: string[] = [];
    const turn: RateBudget['turn'] = async (lane) => await Promise.resolve(asked.push(lane)).then(() => 'Granted');
    rest('o', clock.nowMs() + 60_000);
    const canceller = create(state, 5, { budget: { turn } });
    // It is no target for moments.
    for (const set of ['add', 'delete', 'add', 'delete', 'add'] as const) {
      requested[set]('o');
      await runFor(500, canceller);
    }
    expect(asked).toEqual(lanes);
  });

  it('that answers for none is still asked for all of them', async () => {
    answer = hang;
    for (const id of ids(20)) rest(id);
    await runFor(5_000, create());
    expect(Math.max(...ids(20).map(firstRequestMs))).toBeLessThanOrEqual(3_000);
  });
});

it('before the end of the process requests every resting order once, and waits for all answers', async () => {
  answer = async (id) => await clock.sleep(id === 'o0' ? 600 : 200).then(() => OK);
  for (const id of ids(7)) rest(id, clock.nowMs() + (id === 'o0' ? -1 : 10_000));
  const canceller = create('Active');
  canceller.cancelDue();
  let done = false;
  const cancelling = canceller.cancelAll().then(() => (done = true));
  await clock.advance(599);
  expect([requests.length, done]).toEqual([7, false]);
  await clock.advance(1);
  await cancelling;
  expect(requests.map(({ id }) => id)).toEqual(ids(7));
});

function report(clientOrderId: string): OrderReport {
  const amounts = { price: ZERO, quantity: ZERO, executed: ZERO };
  const state = { status: 'New', resting: true, side: 'buy' } as const;
  return { venueOrderId: `V${clientOrderId}`, clientOrderId, symbol: 'XRP/ETH', ...amounts, ...state };
}

it('cancels no more per second than the venue takes, each order once, and works through all of them', async () => {
  for (const id of ids(12)) rest(id);
  answer = async (id) => {
    ended.add(id);
    return await Promise.resolve(OK);
  };
  await runFor(2_900, create('Halted', 5));
  for (const second of [0, 1_000, 2_000]) {
    const within = requests.filter(({ atMs }) => atMs >= second && atMs < second + 1_000);
    expect(within.length).toBeLessThanOrEqual(5);
  }
  expect(new Set(requests.map(({ id }) => id)).size).toBe(12);
});
