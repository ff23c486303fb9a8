import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { startMissedFills, type ProcessOptions } from '../../../test/harness/execution/missed-fills-process.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { ONE, parseDecimal, ZERO } from '../../shared/domain/decimal.ts';
import { newestFills } from '../../shared/domain/orders/fill-page.ts';
import { tradeKeyOf, type Fill } from '../../shared/domain/orders/fill.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { intendedOrder } from '../core/order-record.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';

const SYMBOL = 'XRP/ETH';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PAUSED = /^read up to \d{4}-.*Z, the next run continues$/;
let clock: VirtualClock;
let store: MemoryExecutionStore;
/** What the venue lists, and until when it hides some of it. */
let listed: Fill[];
let hidden: Map<string, number>;
let made = 0;

beforeEach(() => {
  clock = virtualClock();
  store = new MemoryExecutionStore();
  listed = [];
  hidden = new Map();
  made = 0;
});

/** A fill at the venue: of somebody else, unless it names our order. */
function fill(time: number, clientOrderId = ''): Fill {
  made += 1;
  const ids = { venueTradeId: `T${made}`, venueOrderId: `V${clientOrderId || made}`, clientOrderId, symbol: SYMBOL };
  return { ...ids, side: 'buy', price: ONE, quantity: ONE, fee: ZERO, feeAsset: 'ETH', maker: false, time };
}

function trade(time: number, clientOrderId = ''): Fill {
  const one = fill(time, clientOrderId);
  listed.push(one);
  listed.sort((a, b) => a.time - b.time);
  return one;
}

/** Our order, which rests, with its row. Returns its ID. */
function ourOrder(id: string, side: Side = 'buy'): string {
  const order = approvedOrder(id, { side, type: 'LIMIT', quantity: parseDecimal('1000') });
  const row = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: clock.nowMs() });
  const { clientOrderId } = order;
  store.orders.set(clientOrderId, { ...row, state: { kind: 'Open', venueOrderId: `V${clientOrderId}` } });
  return clientOrderId;
}

/** The fills of an outage of ten hours, which ends now: each third one is ours, seven in the same millisecond. */
function outage(count: number): void {
  const orders = Array.from({ length: 100 }, (_, index) => ourOrder(`missed${index}`));
  const beganMs = clock.nowMs() - 10 * HOUR_MS;
  const stepMs = (10 * HOUR_MS) / count;
  for (let index = 0; index < count; index += 1) {
    const time = Math.floor(beganMs + Math.floor(index / 7) * 7 * stepMs);
    listed.push(fill(time, index % 3 === 0 ? orders[index % orders.length] : ''));
  }
}

const fills: TradingVenue['fills'] = async (_symbol, range) => {
  const shown = listed.filter(({ venueTradeId }) => (hidden.get(venueTradeId) ?? 0) <= clock.nowMs());
  return await Promise.resolve({ kind: 'ok', value: newestFills(shown, range, 100) });
};

async function start(changes: Partial<ProcessOptions> = {}) {
  const { run, ...started } = await startMissedFills({ store, fills, clock, ...changes });
  return { ...started, run: async () => await run(SYMBOL) };
}

const booked = () => store.fills.all.map(tradeKeyOf);
const ours = () => listed.filter(({ clientOrderId }) => clientOrderId !== '').map(tradeKeyOf);
const readTo = () => store.fillsReadTo.get(SYMBOL);

/** Expects every fill of our orders at the venue to be booked, once. */
function expectAllBooked(): void {
  const [recorded, wanted] = [booked(), ours()];
  const known = new Set(recorded);
  const missing = wanted.filter((key) => !known.has(key));
  expect([missing, recorded.length - known.size, recorded.length]).toEqual([[], 0, wanted.length]);
}

describe('the fills that the private stream missed', () => {
  it('cost two runs where twenty a second are recorded, for a sender that has just begun too', async () => {
    const live = ourOrder('live');
    const first = await start();
    await first.run();
    for (let index = 0; index < 1_200; index += 1) {
      await clock.advance(50);
      await first.orders.onFill(trade(clock.nowMs(), live));
    }
    first.asked.splice(0);
    for (const next of [async () => await Promise.resolve(first), start]) {
      const process = await next();
      expect(await process.run()).toMatch(PAUSED);
      await clock.advance(1_000);
      expect(await process.run()).toBeUndefined();
      expect(process.asked.length).toBeLessThanOrEqual(17);
    }
    expectAllBooked();
  });

  it('are all booked once, 25,000 of them over several runs and a restart, while the stream books newer ones', async () => {
    const live = ourOrder('live');
    const earlier = await start();
    await earlier.orders.onFill(trade(clock.nowMs() - 11 * HOUR_MS, live));
    expect(await earlier.run()).toBeUndefined();
    outage(25_000);
    let process = await start();
    const problems: string[] = [];
    const counted: number[] = [];
    for (let runs = 1; runs <= 120; runs += 1) {
      const problem = await process.run();
      if (problem === undefined) break;
      problems.push(problem);
      expect(process.asked.splice(0).length).toBeLessThanOrEqual(10);
      await clock.advance(1_000);
      await process.orders.onFill(trade(clock.nowMs(), live));
      if (runs % 20 !== 0) continue;
      counted.push(await process.foreign());
      process = await start();
    }
    counted.push(await process.foreign());
    expect(problems.length).toBeGreaterThan(20);
    expect(problems.length).toBeLessThan(120);
    for (const problem of problems) expect(problem).toMatch(PAUSED);
    expectAllBooked();
    // A restart counts those again that may be read again: of a minute, and of the ten minutes before it.
    const foreign = listed.length - ours().length;
    const total = counted.reduce((sum, one) => sum + one, 0);
    expect(counted.length).toBeGreaterThan(2);
    expect(total).toBeGreaterThanOrEqual(foreign);
    expect(total).toBeLessThan(foreign + counted.length * 50);
  }, 60_000);

  it('are counted once over all runs where they are foreign', async () => {
    outage(6_000);
    store.fillsReadTo.set(SYMBOL, clock.nowMs() - 11 * HOUR_MS);
    const process = await start();
    let runs = 0;
    while ((await process.run()) !== undefined) runs += 1;
    await process.run();
    expect(runs).toBeGreaterThan(2);
    expect(await process.foreign()).toBe(listed.length - ours().length);
    expectAllBooked();
  });

  it('are read by the next process although the stream has recorded one behind the hole', async () => {
    const id = ourOrder('live');
    trade(clock.nowMs(), id);
    expect(await (await start()).run()).toBeUndefined();
    await clock.advance(HOUR_MS);
    trade(clock.nowMs(), id);
    await clock.advance(HOUR_MS);
    const { orders, run } = await start();
    await orders.onFill(trade(clock.nowMs(), id));
    expect(await run()).toBeUndefined();
    expectAllBooked();
  });

  it('are read ten minutes back by a new sender, but not if the one before it had read those and drained', async () => {
    const { run, asked } = await start();
    await run();
    const nowMs = clock.nowMs();
    expect(asked.map(({ fromMs }) => nowMs - fromMs)).toEqual([10 * MINUTE_MS]);
    const drained = { atMs: 0, wallMs: 0, drained: true, recordWentBack: false };
    for (const [symbol, backMs] of [[SYMBOL, MINUTE_MS] as const, ['ADA/ETH', 10 * MINUTE_MS] as const]) {
      const grant = { ...drained, compared: { instruments: { [symbol]: 5_000 }, balances: null } };
      const fence = { held: { epoch: store.fence.epoch + 1, holder: `process-${store.fence.epoch + 1}` }, grant };
      const next = await start({ changes: { fence } });
      await next.run();
      expect(next.asked.map(({ fromMs }) => nowMs - fromMs)).toEqual([backMs]);
    }
  });

  it('are left where a run is, when the next sender waits for it', async () => {
    const earlier = await start();
    await earlier.orders.onFill(trade(clock.nowMs() - 11 * HOUR_MS, ourOrder('live')));
    await earlier.run();
    outage(1_000);
    let answered = 0;
    const counted: TradingVenue['fills'] = async (...query) => {
      answered += 1;
      return await fills(...query);
    };
    const process = await start({ fills: counted, changes: { isHurried: () => answered === 3 } });
    expect(await process.run()).toMatch(PAUSED);
    expect(answered).toBe(3);
  });

  it('are read from the newest recorded one where the record has no time yet, which it has from then on', async () => {
    const id = ourOrder('live');
    const old = trade(clock.nowMs() - 5 * HOUR_MS, id);
    const before = await start();
    await before.orders.onFill(old);
    trade(old.time + HOUR_MS, id);
    const silent = await start({ fills: async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' }) });
    expect(await silent.run()).toBe('no answer: timeout');
    expect(silent.asked).toEqual([{ fromMs: old.time - MINUTE_MS }]);
    expect(readTo()).toBe(old.time);
    await before.orders.onFill(trade(clock.nowMs(), id));
    expect(await (await start()).run()).toBeUndefined();
    expectAllBooked();
  });

  it('are read again from where a walk began, so that those that appear behind it are booked', async () => {
    const id = ourOrder('live');
    const nowMs = clock.nowMs();
    store.fillsReadTo.set(SYMBOL, nowMs - HOUR_MS);
    const late = trade(nowMs - 25_000, id);
    hidden.set(late.venueTradeId, nowMs + 20_000);
    for (let index = 0; index < 250; index += 1) trade(nowMs - 20_000 + index * 70);
    let isSilent = true;
    const { run } = await start({
      fills: async (symbol, range) =>
        isSilent && range.fromMs > late.time ? { kind: 'unknown', reason: 'timeout' } : await fills(symbol, range),
    });
    expect(await run()).toBe('no answer: timeout');
    await clock.advance(3 * MINUTE_MS);
    trade(clock.nowMs(), id);
    isSilent = false;
    while ((await run()) !== undefined) await clock.advance(1);
    expect(booked()).not.toContain(tradeKeyOf(late));
    while ((await run()) !== undefined) await clock.advance(1);
    expectAllBooked();
  });

  it('are not passed when booking one fails, neither by the next run nor by the next process', async () => {
    outage(3_000);
    store.fillsReadTo.set(SYMBOL, clock.nowMs() - 11 * HOUR_MS);
    const healthy = await start();
    const failingAfter = async (count: number) => {
      let left = count;
      const onFill: typeof healthy.orders.onFill = async (one) => {
        left -= 1;
        if (left === 0) throw new Error('the database is unavailable');
        return await healthy.orders.onFill(one);
      };
      const { run } = await start({ changes: { orders: { onFill } } });
      let problem = await run();
      while (PAUSED.test(problem ?? '')) problem = await run();
      expect(problem).toBe('the database is unavailable');
      return run;
    };
    await failingAfter(80);
    await failingAfter(600);
    const run = await failingAfter(400);
    while ((await run()) !== undefined) await clock.advance(1);
    expectAllBooked();
  });

  it('move the time in the record no further than what is booked, and our clock does not move it', async () => {
    const id = ourOrder('live');
    const first = trade(clock.nowMs() - HOUR_MS, id);
    store.fillsReadTo.set(SYMBOL, first.time - HOUR_MS);
    const rightMs = clock.nowMs();
    clock.setNow(rightMs + 24 * HOUR_MS);
    const { run } = await start();
    expect(await run()).toBeUndefined();
    expect(readTo()).toBe(first.time);
    clock.setNow(rightMs);
    trade(rightMs, id);
    expect(await run()).toBeUndefined();
    expectAllBooked();
  });

  it('move it for the process that holds the fence only', async () => {
    trade(clock.nowMs(), ourOrder('live'));
    const older = await start();
    await start();
    expect(await older.run()).toMatch(/does not hold the fence/);
    expect(readTo()).toBeUndefined();
    store.identity = { ...store.identity, timeline: 2 };
    expect(await (await start()).run()).toBeUndefined();
  });

  it('are read again when the database has been replaced during a walk', async () => {
    outage(6_000);
    store.fillsReadTo.set(SYMBOL, clock.nowMs() - 11 * HOUR_MS);
    const process = await start();
    expect(await process.run()).toMatch(PAUSED);
    expect(await process.run()).toMatch(PAUSED);
    // A replica was promoted that has neither the last bookings nor how far they went.
    store.identity = { ...store.identity, timeline: 2 };
    store.fills.clear();
    for (const [id, order] of store.orders) {
      const state = { kind: 'Open', venueOrderId: `V${id}` } as const;
      store.orders.set(id, { ...order, state, filled: ZERO, tradeIds: new Set() });
    }
    store.fillsReadTo.set(SYMBOL, clock.nowMs() - 11 * HOUR_MS);
    while ((await process.run()) !== undefined) await clock.advance(1);
    expectAllBooked();
  });
});

describe('a trade between two of our orders', () => {
  it.each([
    ['neither', []],
    ['that of the buy', [0]],
    ['that of the sale', [1]],
  ])('has both executions booked, once, with %s recorded already', async (_which, recorded) => {
    const bought = trade(clock.nowMs(), ourOrder('buy'));
    const sold: Fill = { ...fill(bought.time, ourOrder('sale', 'sell')), side: 'sell' };
    listed.push({ ...sold, venueTradeId: bought.venueTradeId });
    const { orders, run } = await start();
    for (const index of recorded) expect(await orders.onFill(listed[index]!)).toBe('Recorded');
    for (let runs = 0; runs < 2; runs += 1) expect(await run()).toBeUndefined();
    expectAllBooked();
  });
});

describe('a millisecond with more fills than the venue lists', () => {
  it('is named with its symbol, after all older fills are booked, until a person moves the time beyond it', async () => {
    const id = ourOrder('live');
    const crowdMs = clock.nowMs() - HOUR_MS;
    trade(crowdMs - 5, id);
    for (let index = 0; index < 150; index += 1) trade(crowdMs);
    trade(crowdMs + 2 * MINUTE_MS, id);
    store.fillsReadTo.set(SYMBOL, crowdMs - HOUR_MS);
    const { run, asked } = await start();
    const problem = `XRP/ETH has more fills at ${new Date(crowdMs).toISOString()} than the venue lists at once`;
    for (let tries = 0; (await run()) !== problem; tries += 1) expect(tries).toBeLessThan(10);
    expect([booked().length, readTo()]).toEqual([1, crowdMs - 5]);
    asked.length = 0;
    expect(await run()).toBe(problem);
    expect(asked).toEqual([{ fromMs: crowdMs, toMs: crowdMs }]);
    store.fillsReadTo.set(SYMBOL, crowdMs + MINUTE_MS + 1);
    expect(await run()).toBeUndefined();
    expectAllBooked();
  });
});

describe('a fill that is set apart', () => {
  it('is read again with each run although foreign fills follow, and no longer once a newer one is booked', async () => {
    const bad = ourOrder('bad');
    const id = ourOrder('live');
    store.malformed.add(bad);
    const apart = trade(clock.nowMs() - HOUR_MS, bad);
    store.fillsReadTo.set(SYMBOL, apart.time - HOUR_MS);
    for (let index = 1; index <= 250; index += 1) trade(apart.time + index * 10_000);
    const { run, deadLetters, foreign } = await start();
    for (let runs = 0; runs < 3; runs += 1) expect(await run()).toBeUndefined();
    expect([readTo(), deadLetters.open.length, await foreign()]).toEqual([apart.time - HOUR_MS, 1, 250]);
    store.malformed.clear();
    expect(await run()).toBeUndefined();
    expect(deadLetters.open).toEqual([]);
    expectAllBooked();
    store.malformed.add(bad);
    trade(clock.nowMs(), bad);
    const newer = trade(clock.nowMs(), id);
    expect(await run()).toBeUndefined();
    expect(readTo()).toBe(newer.time);
  });

  it('holds the reading back no longer once a person has cleared its letter', async () => {
    const bad = ourOrder('bad');
    store.malformed.add(bad);
    const apart = trade(clock.nowMs() - HOUR_MS, bad);
    store.fillsReadTo.set(SYMBOL, apart.time - HOUR_MS);
    const foreign = trade(apart.time + 10_000);
    const { run, deadLetters } = await start();
    expect(await run()).toBeUndefined();
    expect(readTo()).toBe(apart.time - HOUR_MS);
    const [letter] = deadLetters.open;
    if (letter === undefined) throw new Error('nothing is set apart');
    store.clearByHand(letter);
    await deadLetters.sync();
    expect(await run()).toBeUndefined();
    expect([readTo(), deadLetters.open]).toEqual([foreign.time, []]);
  });
});
