import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { createBarBuilder, FUTURE_MS, type BarTrade, type PeriodEnd } from './bars.ts';

const options = { barMs: 1_000, graceMs: 300 };

describe('bars of one second', () => {
  test('open, high, low, close and the count of trades; the first period makes none', () => {
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
        },
      },
    ]);
  });

  test('a trade of a later period closes the bar, and tells the quiet stretch once', () => {
    const builder = started();
    expect(builder.onTrade(at(5_500, '6')).map(said)).toEqual(['bar 2000 at 5', 'quiet 5000 at 5']);
  });

  test('the clock closes after twice the grace, and a quiet period after the same wait', () => {
    const builder = started();
    expect(builder.onClock(2_599).map(said)).toEqual([]);
    expect(builder.onClock(2_600).map(said)).toEqual(['bar 2000 at 5']);
    expect(builder.onClock(3_599).map(said)).toEqual([]);
    expect(builder.onClock(3_600).map(said)).toEqual(['quiet 3000 at 5']);
    expect(builder.onClock(3_700).map(said)).toEqual([]);
  });

  test('a trade still under way is taken within the grace and left out after it', () => {
    const inTime = started();
    expect(inTime.onTrade({ ...at(1_990, '7'), receivedAt: 2_299 }).map(said)).toEqual([]);
    expect(inTime.onClock(2_600).map(said)).toEqual(['bar 2000 at 7']);
    const late = started();
    expect(late.onTrade({ ...at(1_990, '7'), receivedAt: 2_300 }).map(said)).toEqual(['bar 2000 at 5']);
    expect(late.dropped).toBe(1);
  });

  test('a closed bar never changes', () => {
    const builder = started();
    builder.onTrade(at(2_100, '6'));
    expect(builder.onTrade(at(1_999, '99')).map(said)).toEqual([]);
    expect(builder.dropped).toBe(1);
    expect(builder.onClock(9_000).map(said)).toEqual(['bar 3000 at 6', 'quiet 8000 at 6']);
  });

  test('a stamp far ahead of its receipt closes nothing', () => {
    const builder = started();
    expect(builder.onTrade({ ...at(2_000 + FUTURE_MS, '1'), receivedAt: 1_999 })).toEqual([]);
    expect(builder.dropped).toBe(1);
    expect(builder.onTrade(at(1_999, '6'))).toEqual([]);
  });

  test('nothing is told before the first trade', () => {
    expect(createBarBuilder(options).onClock(1_000_000)).toEqual([]);
  });

  test('the first period takes its last price along, but makes no bar', () => {
    const builder = createBarBuilder(options);
    builder.onTrade(at(100, '9'));
    builder.onTrade(at(800, '8'));
    expect(builder.onClock(2_600).map(said)).toEqual(['quiet 2000 at 8']);
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

function said(end: PeriodEnd): string {
  const { closeTime, close } = end.kind === 'bar' ? end.bar : end;
  return `${end.kind} ${closeTime} at ${close / 10n ** 18n}`;
}
