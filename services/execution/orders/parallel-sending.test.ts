import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { SharedBudget } from '../ports.ts';
import type { Execution } from '../service.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';

/** As long as the deadline of a request to the venue. */
const SILENT_MS = 3_000;
const OTHERS = ['A/ETH', 'B/ETH', 'C/ETH', 'D/ETH', 'E/ETH', 'F/ETH'];
const symbols = [...OTHERS, 'XRP/ETH'];
/** Of ten orders a second. */
const ENTRY_LIMIT = 6;
let stack: VirtualStack;
/** What happened at the venue, with the time since the first approval. */
let steps: string[];
let startMs: number;

beforeEach(() => {
  stack = createVirtualStack();
  steps = [];
  startMs = 0;
});

afterEach(() => stack.kill());

const nowMs = (): number => stack.clock.nowMs() - startMs;

interface World {
  /** Instruments for whose orders the venue does not answer, and for how long. */
  readonly silent?: readonly string[];
  readonly silentMs?: number;
  readonly take?: SharedBudget['take'];
  readonly fills?: TradingVenue['fills'];
}

async function active({ silent = [], silentMs = SILENT_MS, take, fills }: World): Promise<Execution> {
  const place: typeof stack.venue.place = async (request, terms) => {
    steps.push(`${nowMs()} ${request.side} ${request.symbol}`);
    if (!silent.includes(request.symbol)) return await stack.venue.place(request, terms);
    const reason = terms.refusal();
    if (reason !== undefined) return { kind: 'notSent', reason };
    await stack.clock.sleep(silentMs);
    steps.push(`${nowMs()} no answer ${request.symbol}`);
    return { kind: 'unknown', reason: 'Timeout' };
  };
  const budget = { take: take ?? new MemoryBudget(stack.clock).take };
  const at = { place, fills: fills ?? stack.venue.fills.bind(stack.venue) };
  const settings = { symbols, ordersPerSecond: 10, reconcileIntervalMs: 600_000 };
  const execution = await stack.active({ settings, at, budget });
  startMs = stack.clock.nowMs();
  return execution;
}

function offer(execution: Execution, side: Side, symbol: string, id = `${side} ${symbol}`): ApprovedOrder {
  const order = stack.approve(id, { side, symbol });
  void execution.onApproval(order.decisionId);
  return order;
}

describe('an exit', () => {
  it('is sent at once beside six instruments for which the venue does not answer, and the check stays well', async () => {
    const execution = await active({ silent: OTHERS });
    for (const symbol of OTHERS) offer(execution, 'sell', symbol);
    const healthy = offer(execution, 'sell', 'XRP/ETH');
    const looks = new Set<boolean | undefined>();
    for (let ms = 0; ms < 12_000; ms += 100) {
      await stack.clock.advance(100);
      looks.add(execution.checks.get('sending')?.().ok);
    }
    expect(steps).toContain('0 sell XRP/ETH');
    expect([stack.stateOf(healthy)?.kind, stack.placed()]).toEqual(['Filled', [healthy.clientOrderId]]);
    expect(looks).toEqual(new Set([true]));
  });

  it('approved before the start does not wait for questions about others that the venue does not answer', async () => {
    const order = stack.venue.order.bind(stack.venue);
    stack.venue.order = async (symbol, id) => {
      if (!OTHERS.includes(symbol)) return await order(symbol, id);
      await stack.clock.sleep(SILENT_MS);
      return { kind: 'unknown', reason: 'Timeout' };
    };
    for (const symbol of OTHERS)
      for (const id of ['a', 'b', 'c', 'd']) stack.approve(`${symbol} ${id}`, { side: 'sell', symbol });
    const healthy = stack.approve('healthy', { side: 'sell', symbol: 'XRP/ETH' });
    await stack.clock.advance(50);
    await active({});
    await stack.clock.advance(2_900);
    expect(stack.stateOf(healthy)?.kind).toBe('Filled');
  });

  it('does not wait for the answer to an entry on another instrument', async () => {
    const execution = await active({ silent: ['A/ETH'] });
    offer(execution, 'buy', 'A/ETH');
    await stack.clock.advance(100);
    offer(execution, 'sell', 'XRP/ETH');
    await stack.clock.advance(100);
    expect(steps).toEqual(['0 buy A/ETH', '100 sell XRP/ETH']);
  });

  it('does not wait for an entry that another process outran at the budget', async () => {
    const execution = await active({
      take: async (request) => {
        const waitMs = request.limit === ENTRY_LIMIT && nowMs() < 240 ? 240 - nowMs() : 0;
        return await Promise.resolve({ granted: waitMs === 0, waitMs, limitedForMs: 0, bannedForMs: 0, atMs: 0 });
      },
    });
    offer(execution, 'buy', 'A/ETH');
    await stack.clock.advance(10);
    offer(execution, 'sell', 'XRP/ETH');
    await stack.clock.advance(1_000);
    expect(steps).toEqual(['100 sell XRP/ETH', '240 buy A/ETH']);
  });

  it('does not wait for the fills of an order that is adopted on another instrument', async () => {
    let isSlow = false;
    const asked: string[] = [];
    const fills: TradingVenue['fills'] = async (symbol, range) => {
      if (isSlow) asked.push(`fills ${symbol}`);
      if (isSlow) await stack.clock.sleep(SILENT_MS);
      return await stack.venue.fills(symbol, range);
    };
    const execution = await active({ fills });
    const order = stack.venue.order.bind(stack.venue);
    stack.venue.order = async (symbol, id) => {
      asked.push(`order ${symbol}`);
      return await order(symbol, id);
    };
    const lost = offer(execution, 'buy', 'A/ETH');
    await stack.clock.advance(500);
    isSlow = true;
    for (const table of [stack.record.orders, stack.record.fills, stack.record.positions]) table.clear();
    while (asked.length < 2) await stack.clock.advance(10);
    offer(execution, 'sell', 'XRP/ETH');
    await stack.clock.advance(10);
    expect(asked.slice(0, 2)).toEqual(['order A/ETH', 'fills A/ETH']);
    expect(steps.at(-1)).toMatch(/ sell XRP\/ETH$/);
    await stack.clock.advance(4_000);
    expect(stack.stateOf(lost)?.kind).toBe('Filled');
  });

  it('waits for the answer to an order on its own instrument, and goes before the entries that wait', async () => {
    const execution = await active({ silent: ['A/ETH'], silentMs: 500 });
    offer(execution, 'buy', 'A/ETH', 'one');
    await stack.clock.advance(100);
    offer(execution, 'buy', 'A/ETH', 'two');
    offer(execution, 'sell', 'A/ETH', 'exit');
    await stack.clock.advance(1_500);
    expect(steps.slice(0, 4)).toEqual(['0 buy A/ETH', '500 no answer A/ETH', '500 sell A/ETH', '1000 no answer A/ETH']);
  });
});

it('sends orders of one instrument one at a time, in the order of their approvals', async () => {
  const execution = await active({ silent: ['A/ETH'], silentMs: 500 });
  const orders = ['one', 'two', 'three'].map((id) => offer(execution, 'sell', 'A/ETH', id));
  await stack.clock.advance(499);
  expect(orders.map((order) => stack.stateOf(order)?.kind)).toEqual(['Intended', undefined, undefined]);
  await stack.clock.advance(1_100);
  expect(steps).toEqual([0, 500, 1_000].flatMap((ms) => [`${ms} sell A/ETH`, `${ms + 500} no answer A/ETH`]));
});

it('sends every entry of a burst within the budget, also while Redis is slow', async () => {
  const budget = new MemoryBudget(stack.clock);
  const execution = await active({
    take: async (request) => {
      await stack.clock.sleep(50);
      return await budget.take(request);
    },
  });
  const orders = [0, 1].flatMap((round) =>
    symbols.map((symbol) => offer(execution, 'buy', symbol, `${symbol} ${round}`)),
  );
  await stack.clock.advance(5_000);
  expect(orders.map((order) => stack.stateOf(order)?.kind)).toEqual(orders.map(() => 'Filled'));
  const times = steps.map((step) => Number(step.split(' ')[0]));
  for (const [index, ms] of times.entries()) expect((times[index + ENTRY_LIMIT] ?? Infinity) - ms).toBeGreaterThan(900);
});

describe('a drain', () => {
  it('waits for every request that has started, starts none, and answers only then', async () => {
    const execution = await active({ silent: OTHERS });
    for (const symbol of OTHERS.slice(0, 3)) offer(execution, 'sell', symbol);
    await stack.clock.advance(100);
    const drained = execution.drain({ epoch: 1, deadlineMs: 60_000, resting: 'Carry' });
    let answeredMs = Number.NaN;
    void drained.then(() => {
      answeredMs = nowMs();
    });
    const late = offer(execution, 'sell', 'XRP/ETH');
    await stack.clock.advance(2_000);
    expect([steps.length, answeredMs]).toEqual([3, Number.NaN]);
    await stack.clock.advance(30_000);
    expect(answeredMs).toBeGreaterThan(SILENT_MS);
    expect([steps.filter((step) => step.includes('sell')).length, stack.stateOf(late)]).toEqual([3, undefined]);
    expect((await drained).response).toMatchObject({ drained: true, epoch: 1 });
  });

  it('starts none of the orders that wait for their instrument', async () => {
    const execution = await active({ silent: ['A/ETH'], silentMs: 500 });
    for (const id of ['one', 'two', 'three']) offer(execution, 'sell', 'A/ETH', id);
    await stack.clock.advance(100);
    void execution.drain({ epoch: 1, deadlineMs: 60_000, resting: 'Carry' });
    await stack.clock.advance(30_000);
    expect(steps).toEqual(['0 sell A/ETH', '500 no answer A/ETH']);
    expect(execution.sender().role).toBe('standby');
  });
});

it('a halt keeps back every order that waits, on every instrument', async () => {
  const execution = await active({ silent: OTHERS });
  for (const symbol of OTHERS) offer(execution, 'buy', symbol);
  await stack.clock.advance(100);
  stack.record.restrict('desk', 'Halted');
  const late = symbols.map((symbol) => offer(execution, 'buy', symbol, `late ${symbol}`));
  await stack.clock.advance(8_000);
  expect(steps.filter((step) => step.includes('buy'))).toEqual(OTHERS.map((symbol) => `0 buy ${symbol}`));
  expect(new Set(late.map((order) => stack.stateOf(order)?.kind))).toEqual(new Set(['NeverSent']));
});
