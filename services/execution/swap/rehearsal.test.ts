import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDrainStack, type DrainStack } from '../../../test/harness/execution/drain-stack.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';
import { rulesOf } from '../core/budget/lanes.ts';
import type { ExecutionStore } from '../ports.ts';

const INTERVAL_MS = 20_000;
/** Before a process knows the trading state, it asks each instrument for what is open. */
const BEFORE = 2;
const settings = { symbols: ['XRP/ETH', 'ADA/ETH'], reconcileIntervalMs: INTERVAL_MS };
let stack: DrainStack;
let asked: string[];

beforeEach(() => {
  stack = createDrainStack();
  asked = [];
});

afterEach(() => stack.kill());

function watched() {
  const { venue } = stack;
  const noted = <T>(name: string, call: () => Promise<T>) => {
    asked.push(name);
    return call();
  };
  return {
    clockSkewMs: async () => await noted('clock', async () => await venue.clockSkewMs()),
    balances: async () => await noted('balances', async () => await venue.balances()),
    openOrders: async (symbol: string) => await noted(symbol, async () => await venue.openOrders()),
  };
}

it('reads clock, balances and open orders at the interval of the reconcile, and writes nothing', async () => {
  const written: string[] = [];
  const reads = new Set(['readFence', 'recordIdentity', 'readTradingStates', 'loadOrders', 'openApprovals']);
  reads.add('loadPortfolio');
  const store: Partial<ExecutionStore> = new Proxy(
    {},
    {
      has: () => true,
      get: (_target, name) => {
        if (!reads.has(String(name))) written.push(String(name));
        const member: unknown = Reflect.get(stack.record, name);
        return typeof member === 'function' ? member.bind(stack.record) : member;
      },
    },
  );
  const execution = stack.start({ settings, store, at: watched() });
  await stack.clock.advance(1_000);
  expect(asked.slice(BEFORE)).toEqual(['clock', 'balances', 'XRP/ETH', 'ADA/ETH']);
  expect(execution.sender()).toMatchObject({ role: 'armed', rehearsed: true });
  await stack.clock.advance(INTERVAL_MS);
  expect([asked.length - BEFORE, written]).toEqual([8, []]);
});

it('is not whole when the venue does not answer, is tried again soon, and forgives a pair that the venue refuses', async () => {
  let reply: 'silent' | 'paused' = 'silent';
  const openOrders = async (symbol: string) => {
    if (symbol === 'XRP/ETH') return await stack.venue.openOrders();
    const paused = { kind: 'rejected', code: '30016', message: '', pair: 'Paused' } as const;
    return reply === 'paused' ? paused : ({ kind: 'unknown', reason: 'timeout' } as const);
  };
  const execution = stack.start({ settings, at: { openOrders } });
  await stack.clock.advance(1_000);
  expect(execution.sender().rehearsed).toBe(false);
  reply = 'paused';
  await stack.clock.advance(6_000);
  expect(execution.sender().rehearsed).toBe(true);
});

it('is not whole while the clocks differ too much', async () => {
  const execution = stack.start({
    settings,
    at: { clockSkewMs: async () => await Promise.resolve({ kind: 'ok', value: 5_000 }) },
  });
  await stack.clock.advance(1_000);
  expect(execution.sender().rehearsed).toBe(false);
});

it('waits behind the sender for the request budget', async () => {
  const budget = new MemoryBudget(stack.clock);
  const { queryLimit: queries } = stack.venue.rules;
  const limits = { ordersPerSecond: 100, queries };
  const half = Math.ceil(queries.tokens / 2);
  await budget.take({ ...rulesOf('query', limits), tokens: half, limitedForMs: 0, bannedForMs: 0 });
  const execution = stack.start({ settings, budget, at: watched() });
  await stack.clock.advance(1_000);
  expect([asked.length, execution.sender().rehearsed]).toEqual([BEFORE, false]);
  await stack.clock.advance(queries.windowMs + 1_000);
  expect([asked.length - BEFORE, execution.sender().rehearsed]).toEqual([4, true]);
});

it('counts which of the waiting approvals it could admit, and sends none', async () => {
  const registry = new Registry();
  const [, halted] = [stack.approve('fine'), stack.approve('malformed')];
  stack.record.malformedApprovals.add(halted.decisionId);
  stack.approve('expired', { deadline: stack.clock.nowMs() - 1 });
  stack.start({ settings, registry });
  await stack.clock.advance(1_000);
  const text = await registry.metrics();
  for (const result of ['Admitted', 'Malformed', 'Expired'])
    expect(text).toContain(`tradingstack_execution_rehearsed_approvals_total{result="${result}"} 1`);
  expect([stack.placed(), stack.record.orders.live()]).toEqual([[], []]);
});

it('begins at once when a sender has been drained', async () => {
  const execution = await stack.active({ settings, at: watched() });
  await stack.drained(execution, {}, 20);
  asked.length = 0;
  await stack.clock.advance(600);
  expect(asked).toEqual(['clock', 'balances', 'XRP/ETH', 'ADA/ETH']);
  expect(execution.sender()).toMatchObject({ role: 'standby', rehearsed: true });
});
