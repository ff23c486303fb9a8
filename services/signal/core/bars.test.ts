import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { createBarBuilder, FUTURE_MS, type BarTrade, type PeriodEnd } from './bars.ts';

const options = { barMs: 1_000, graceMs: 300 };

describe('bar builder with one-second bars', () => {
  test('computes open, high, low, close and the trade count, and makes no bar of the first period', () => {
    const builder = createBarBuilder(options);
    const ends = [at(100, '9'), at(1_000, '5'), at(1_400, '8'), at(1_800, '3'), at(1_999, '4'), at(2_000, '7')].flatMap(
      (trade) => builder.onTrade(trade),
    );
    expect(ends).toEqual([
      {
        kind: 'bar',
        bar: {
          closeTime: 2_000,
          open: parseDecimal('5'),
          high: parseDecimal('8'),
          low: parseDecimal('3'),
          close: parseDecimal('4'),
          trades: 4,
          lastTradeAt: 1_999,
          incomplete: false,
        },
      },
    ]);
  });

  test('closes the bar at a trade of a later period, and reports the quiet periods once', () => {
    const builder = started();
    expect(builder.onTrade(at(5_500, '6')).map(describeEnd)).toEqual(['bar 2000 at 5', 'quiet 5000 at 5']);
  });

  test('closes a bar by the clock after twice the grace period, and a quiet period after the same wait', () => {
    const builder = started();
    expect(builder.onClock(2_599).map(describeEnd)).toEqual([]);
    expect(builder.onClock(2_600).map(describeEnd)).toEqual(['bar 2000 at 5']);
    expect(builder.onClock(3_599).map(describeEnd)).toEqual([]);
    expect(builder.onClock(3_600).map(describeEnd)).toEqual(['quiet 3000 at 5']);
    expect(builder.onClock(3_700).map(describeEnd)).toEqual([]);
  });

  test('accepts a late trade within the grace period and drops it afterwards', () => {
    const inTime = started();
    expect(inTime.onTrade({ ...at(1_990, '7'), receivedAt: 2_299 }).map(describeEnd)).toEqual([]);
    expect(inTime.onClock(2_600).map(describeEnd)).toEqual(['bar 2000 at 7']);
    const late = started();
    expect(late.onTrade({ ...at(1_990, '7'), receivedAt: 2_300 }).map(describeEnd)).toEqual(['bar 2000 at 5']);
    expect(late.dropped).toBe(1);
  });

  test('closes at the newest trade, whatever arrives after it', () => {
    const builder = started();
    builder.onTrade(at(1_800, '7'));
    // A copy of an older trade, from a second run of ws, and a trade of the same time as the newest.
    builder.onTrade({ ...at(1_600, '6'), receivedAt: 1_900 });
    expect(builder.onClock(2_600).map(describeEnd)).toEqual(['bar 2000 at 7']);
    const tied = started();
    tied.onTrade(at(1_500, '6'));
    expect(tied.onClock(2_600).map(describeEnd)).toEqual(['bar 2000 at 6']);
  });

  test('never changes a closed bar', () => {
    const builder = started();
    builder.onTrade(at(2_100, '6'));
    expect(builder.onTrade(at(1_999, '99')).map(describeEnd)).toEqual([]);
    expect(builder.dropped).toBe(1);
    expect(builder.onClock(9_000).map(describeEnd)).toEqual(['bar 3000 at 6', 'quiet 8000 at 6']);
  });

  test('drops a trade stamped far ahead of its receipt, without closing a bar', () => {
    const builder = started();
    expect(builder.onTrade({ ...at(2_000 + FUTURE_MS, '1'), receivedAt: 1_999 })).toEqual([]);
    expect(builder.dropped).toBe(1);
    expect(builder.onTrade(at(1_999, '6'))).toEqual([]);
  });

  test('reports no period before the first trade', () => {
    expect(createBarBuilder(options).onClock(1_000_000)).toEqual([]);
  });

  test('carries over the last price of the first period, but makes no bar of it', () => {
    const builder = createBarBuilder(options);
    builder.onTrade(at(100, '9'));
    builder.onTrade(at(800, '8'));
    expect(builder.onClock(2_600).map(describeEnd)).toEqual(['quiet 2000 at 8']);
    expect(builder.dropped).toBe(0);
  });
});

/** A builder with an open bar [1000, 2000) at 5. */
function started(): ReturnType<typeof createBarBuilder> {
  const builder = createBarBuilder(options);
  builder.onTrade(at(500, '4'));
  builder.onTrade(at(1_500, '5'));
  return builder;
}

function at(time: number, price: string): BarTrade {
  return { time, receivedAt: time, price: parseDecimal(price) };
}

function describeEnd(end: PeriodEnd): string {
  const { closeTime, close } = end.kind === 'bar' ? end.bar : end;
  return `${end.kind} ${closeTime} at ${close / 10n ** 18n}`;
}
