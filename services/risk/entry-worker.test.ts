import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack } from '../../test/harness/exit-stack.ts';
import { formatDecimal, parseDecimal, ZERO } from '../shared/domain/decimal.ts';
import { ALL_READ } from './core/stances/unread-signals.ts';

/** An account whose strategy trend rests at the best bid of 0.0014: 35.7 XRP, every 2 s, at most three times again. */
let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
  const [sizing] = stack.settings.sizing;
  const requote = { requoteSeconds: 2, maxRequotes: 3 };
  stack.settings = {
    ...stack.settings,
    sizing: [{ ...sizing!, entry: 'Make', requote, barSeconds: 60 }],
    entryValidMs: 30_000,
  };
});

const ordered = () => stack.record.approvals.map(({ side, quantity }) => `${side} ${formatDecimal(quantity)}`);

describe('an entry that rests', () => {
  it('is placed again after it ended unfilled, without another signal, until its orders are used up', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    expect(ordered()).toEqual(['buy 35.7']);
    for (let second = 0; second < 15; second += 1) {
      stack.execute(0n);
      await stack.pass(1, risk);
    }
    expect(ordered()).toEqual(['buy 35.7', 'buy 35.7', 'buy 35.7', 'buy 35.7']);
    const times = stack.record.approvals.map(({ decidedAt }) => decidedAt);
    expect(times.slice(1).every((at, index) => at - times[index]! >= 2_000)).toBe(true);
    const ids = stack.record.approvals.map(({ clientOrderId }) => clientOrderId);
    expect(new Set(ids).size).toBe(4);
    expect(stack.published).toHaveLength(4);
  });

  it('buys only the rest after a fill, and nothing once all is bought', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(40n);
    await stack.pass(3, risk);
    // 14.28 were bought.
    expect(ordered()).toEqual(['buy 35.7', 'buy 21.4']);
    stack.execute();
    await stack.pass(6, risk);
    expect(ordered()).toHaveLength(2);
    expect(stack.held()).toBe('35.68');
  });

  it('never has two orders: while one lives, none is placed', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    await stack.pass(3, risk);
    expect(ordered()).toHaveLength(1);
  });

  it('is given up when the strategy turns flat', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(0n);
    await stack.pass(1, risk);
    await stack.signal('Flat', risk);
    await stack.pass(6, risk);
    expect(ordered()).toEqual(['buy 35.7']);
  });

  it('waits while signals may be unread, because a newer one may be flat', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(0n);
    stack.unreadSignals = 'All';
    await stack.pass(6, risk);
    expect(ordered()).toHaveLength(1);
    stack.unreadSignals = ALL_READ;
    await stack.pass(1, risk);
    expect(ordered()).toHaveLength(2);
  });

  it('asks before each of several whether signals are read: one may take long', async () => {
    stack.settings = {
      ...stack.settings,
      sizing: [...stack.settings.sizing, { ...stack.settings.sizing[0]!, strategy: 'two' }],
    };
    const risk = await stack.start();
    stack.quote();
    for (const strategy of ['trend', 'two']) {
      stack.strategy = strategy;
      await stack.signal('Long', risk);
    }
    expect(ordered()).toHaveLength(2);
    stack.execute(0n);
    stack.beforeEntry = () => (stack.unreadSignals = 'All');
    await stack.pass(3, risk);
    expect(ordered()).toHaveLength(3);
    stack.beforeEntry = () => {};
    stack.unreadSignals = ALL_READ;
    await stack.pass(1, risk);
    expect(ordered()).toHaveLength(4);
  });

  it('waits only for the signals of its own pair', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(0n);
    stack.unreadSignals = new Set(['trend:XRP/ETH', 'two:XRP/ETH']);
    await stack.pass(6, risk);
    expect(ordered()).toHaveLength(1);
    stack.unreadSignals = new Set(['trend:ADA/ETH', 'two:XRP/ETH']);
    await stack.pass(1, risk);
    expect(ordered()).toHaveLength(2);
  });

  it('is not decided for a stance that changed since it was planned', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(0n);
    await stack.pass(3, risk);
    const [wanted] = (await stack.risk.readAccount(stack.clock.nowMs())).stances;
    stack.execute(0n);
    await stack.pass(1, risk);
    const entry = { ...wanted!, id: 'entry:late', stance: 'Long', referencePrice: ZERO, release: 'r' } as const;
    await stack.signal('Flat', risk);
    await stack.clock.advance(2_000);
    stack.quote();
    expect(await risk.service.onEntry(entry)).toEqual({ kind: 'NoAction', reason: 'NotEntering' });
    expect(ordered()).toHaveLength(2);
  });

  it('is approved with the best bid at which the market has left it behind', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    const [order] = stack.record.approvals;
    // Five ticks above 0.0014.
    expect(order?.requote?.above).toBe(parseDecimal('0.0014005'));
    expect(order?.requote?.fromMs).toBe(order!.decidedAt + 2_000);
  });

  it('continues in the process that follows', async () => {
    const first = await stack.start();
    stack.quote();
    await stack.signal('Long', first);
    stack.execute(0n);
    await stack.stop();
    const second = await stack.start();
    await stack.pass(4, second);
    expect(ordered()).toHaveLength(2);
  });

  it('is decided once by two processes', async () => {
    const risk = await stack.start();
    const other = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(0n);
    for (let second = 0; second < 4; second += 1) {
      await stack.pass(1, risk);
      await other.states.load();
    }
    expect(ordered()).toHaveLength(2);
  });

  it('is refused no more often than it may be placed', async () => {
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    stack.execute(0n);
    const before = stack.decisions.length;
    // Without a live book the entry is refused.
    await stack.pass(7, risk, false);
    const refused = stack.decisions.slice(before);
    expect(refused.map((one) => one?.code)).toEqual(['FeedStale', 'FeedStale', 'FeedStale']);
  });

  it('stops at entryValidMs', async () => {
    stack.settings = { ...stack.settings, entryValidMs: 3_000 };
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    for (let second = 0; second < 10; second += 1) {
      stack.execute(0n);
      await stack.pass(1, risk);
    }
    expect(ordered()).toHaveLength(2);
  });
});

it('leaves entries that take to their signals', async () => {
  stack.settings = { ...stack.settings, sizing: [{ ...stack.settings.sizing[0]!, entry: 'Take', requote: {} }] };
  const risk = await stack.start();
  stack.quote();
  await stack.signal('Long', risk);
  stack.execute(0n);
  await stack.pass(6, risk);
  expect(ordered()).toHaveLength(1);
});
