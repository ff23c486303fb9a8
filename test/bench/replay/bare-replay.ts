import type { Tape } from '../../../services/exchange-simulator/core/tape.ts';

const [FAST, SLOW, CHANNEL] = [5, 20, 20];

/**
 * The reference: one loop over the trades that builds bars, an EMA cross and a Donchian channel in floating point, and
 * counts the changes of stance. No order, no book, no message, no exact number.
 */
export function replayBare({ trades }: Tape, barMs: number): number {
  let [fast, slow, close, high, low, barEndMs, changes] = [0, 0, 0, 0, 0, 0, 0];
  let isLong = false;
  const highs: number[] = [];
  const lows: number[] = [];
  for (const { offsetMs, price } of trades) {
    if (offsetMs >= barEndMs) {
      if (close > 0) {
        fast = fast === 0 ? close : fast + (2 / (FAST + 1)) * (close - fast);
        slow = slow === 0 ? close : slow + (2 / (SLOW + 1)) * (close - slow);
        const wants = fast > slow || close > Math.max(...highs);
        const leaves = fast < slow && close < Math.min(...lows);
        const next: boolean = isLong ? !leaves : wants;
        if (next !== isLong) changes += 1;
        isLong = next;
        highs.push(high);
        lows.push(low);
        if (highs.length > CHANNEL) highs.shift();
        if (lows.length > CHANNEL) lows.shift();
      }
      barEndMs = offsetMs - (offsetMs % barMs) + barMs;
      [high, low] = [price, price];
    }
    close = price;
    high = Math.max(high, price);
    low = Math.min(low, price);
  }
  return changes;
}
