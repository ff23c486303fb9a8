import type { Tape } from '../../../services/exchange-simulator/core/tape.ts';

const [FAST, SLOW, CHANNEL] = [5, 20, 20];

interface Bar {
  readonly endMs: number;
  high: number;
  low: number;
  close: number;
}

/**
 * The reference: one loop over the trades that builds bars, an EMA cross and a Donchian channel in floating point, and
 * returns the number of changes of stance. No order, no book, no message, no exact number.
 */
export function replayBare({ trades }: Tape, barMs: number): number {
  const strategy = createStrategy();
  let changes = 0;
  let bar: Bar | undefined;
  for (const { offsetMs, price } of trades) {
    if (bar === undefined || offsetMs >= bar.endMs) {
      if (bar !== undefined && strategy(bar)) changes += 1;
      bar = { endMs: offsetMs - (offsetMs % barMs) + barMs, high: price, low: price, close: price };
    }
    bar.close = price;
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
  }
  return changes;
}

/** Returns a function that takes each bar, and returns whether the stance changed. */
function createStrategy(): (bar: Bar) => boolean {
  let averages: readonly [fast: number, slow: number] | undefined;
  let isLong = false;
  const bars: Bar[] = [];
  return (bar) => {
    const [fast, slow] = averages ?? [bar.close, bar.close];
    const next = [average(fast, bar.close, FAST), average(slow, bar.close, SLOW)] as const;
    averages = next;
    const risen = next[0] > next[1] || bar.close > Math.max(...bars.map(({ high }) => high));
    const fallen = next[0] < next[1] && bar.close < Math.min(...bars.map(({ low }) => low));
    bars.push(bar);
    if (bars.length > CHANNEL) bars.shift();
    const changed = isLong ? fallen : risen && bars.length > 1;
    if (changed) isLong = !isLong;
    return changed;
  };
}

function average(before: number, close: number, bars: number): number {
  return before + (2 / (bars + 1)) * (close - before);
}
