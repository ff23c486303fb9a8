import { describe, expect, test } from 'vitest';
import type { StrategySettings } from '../../shared/contracts/services/signal.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { createSignalEngine, type EngineTrade, type SignalEngine } from './signal-engine.ts';

const SYMBOL = 'X/USDT';
const MINUTE = 60_000;
const rule: StrategySettings = {
  name: 'donchian',
  symbols: [SYMBOL],
  kind: 'Donchian',
  barSeconds: 60,
  entryBars: 3,
  exitBars: 2,
};

/** Feeds an engine with numbered trades, and can leave numbers out. */
function feed() {
  const engine = createSignalEngine({ strategies: [rule], release: 'r' });
  let seq = 0;
  return {
    engine,
    skip: () => {
      seq += 1;
    },
    trade: (atMs: number, price: string, change: Partial<EngineTrade> = {}) => {
      seq += 1;
      return engine.onTrade({
        symbol: SYMBOL,
        price: parseDecimal(price),
        time: atMs,
        receivedAt: atMs,
        producer: 'ws-1',
        seq,
        ...change,
      });
    },
  };
}

/** Five bars between 2.00 and 2.05. */
function calm(): ReturnType<typeof feed> {
  const fed = feed();
  for (let minute = 0; minute < 5; minute += 1) {
    fed.trade(minute * MINUTE + 1_000, '2.00');
    fed.trade(minute * MINUTE + 30_000, '2.05');
  }
  return fed;
}

const stance = (engine: SignalEngine) => engine.records()[0]?.stance;
const incomplete = (engine: SignalEngine) => engine.strategies[0]?.incomplete;

/** A bar at `price` that nothing is missing in. */
function bars({ trade }: ReturnType<typeof feed>, from: number, ...prices: readonly string[]): void {
  for (const [index, price] of prices.entries()) trade((from + index) * MINUTE + 10_000, price);
}

describe('a gap in the numbers of the trades', () => {
  test('within a bar opens no position by a false breakout, until the bar is out of sight', () => {
    const fed = calm();
    fed.trade(5 * MINUTE + 1_000, '2.00');
    // The high of this bar, 2.50, is among the missing trades.
    fed.skip();
    fed.trade(5 * MINUTE + 40_000, '2.05');
    bars(fed, 6, '2.20', '2.21', '2.22');
    expect([stance(fed.engine), incomplete(fed.engine)]).toEqual(['Flat', 1]);
    expect(fed.engine.strategies[0]).toMatchObject({ completeAfter: 2 });
    bars(fed, 9, '2.23', '2.24', '2.25');
    // The four bars of the decision are whole again.
    expect([stance(fed.engine), incomplete(fed.engine)]).toEqual(['Long', 0]);
  });

  test('between two bars marks both', () => {
    const fed = calm();
    fed.skip();
    bars(fed, 5, '2.01', '2.02', '2.03');
    expect(incomplete(fed.engine)).toBe(2);
  });

  test('marks the bar before a long silence and the first after it', () => {
    const fed = calm();
    fed.engine.onClock(20 * MINUTE);
    fed.skip();
    bars(fed, 25, '2.20', '2.21');
    expect([stance(fed.engine), incomplete(fed.engine)]).toEqual(['Flat', 2]);
  });

  test('is no reason to stay in a position', () => {
    const fed = calm();
    bars(fed, 5, '2.20', '2.21');
    expect(stance(fed.engine)).toBe('Long');
    fed.trade(7 * MINUTE + 1_000, '2.21');
    fed.skip();
    fed.trade(7 * MINUTE + 2_000, '2.21');
    bars(fed, 8, '1.00', '1.00');
    expect([stance(fed.engine), incomplete(fed.engine)]).toEqual(['Flat', 2 - 1]);
  });

  test('leaves the stance of a position that was opened before', () => {
    const fed = calm();
    bars(fed, 5, '2.20', '2.21');
    fed.skip();
    bars(fed, 7, '2.22', '2.23');
    expect(stance(fed.engine)).toBe('Long');
  });

  test('is seen when a new run of ws does not begin with 1', () => {
    const fed = calm();
    fed.trade(5 * MINUTE + 1_000, '2.00', { producer: 'ws-2', seq: 2 });
    fed.trade(6 * MINUTE + 1_000, '2.00', { producer: 'ws-2', seq: 3 });
    expect(incomplete(fed.engine)).toBe(2);
    const other = calm();
    other.trade(5 * MINUTE + 1_000, '2.00', { producer: 'ws-2', seq: 1 });
    other.trade(6 * MINUTE + 1_000, '2.00', { producer: 'ws-2', seq: 2 });
    expect(incomplete(other.engine)).toBe(0);
  });
});

describe('a trade that comes too late for its bar', () => {
  const late = { receivedAt: 6 * MINUTE + 20_000 };

  test.each([
    ['above the high', 20_000, '2.50', 1],
    ['below the low', 20_000, '1.50', 1],
    ['after the last one, at another price', 40_000, '2.02', 1],
    ['in between', 20_000, '2.02', 0],
    ['that is a copy of the last one', 30_000, '2.05', 0],
  ])('marks it when it is %s', (_what, atMs, price, expected) => {
    const fed = calm();
    bars(fed, 5, '2.01', '2.02');
    fed.trade(4 * MINUTE + atMs, price, late);
    expect(incomplete(fed.engine)).toBe(expected);
  });

  test('marks the next bar when its own period has none', () => {
    const fed = calm();
    // Nothing in minutes 5 to 7; the bar of minute 8 is open.
    fed.trade(8 * MINUTE + 1_000, '2.00');
    fed.trade(6 * MINUTE + 1_000, '2.50', { receivedAt: 8 * MINUTE + 2_000 });
    bars(fed, 9, '2.20', '2.21');
    expect([stance(fed.engine), incomplete(fed.engine)]).toEqual(['Flat', 1]);
  });

  test('marks nothing when it is stamped in the future', () => {
    const fed = calm();
    fed.trade(500 * MINUTE, '9', { receivedAt: 5 * MINUTE });
    bars(fed, 5, '2.01', '2.02');
    expect(incomplete(fed.engine)).toBe(0);
  });
});
