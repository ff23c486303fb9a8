import { add, divide, parseDecimal, type Decimal } from './decimal.ts';
import type { Instrument } from './instrument.ts';

/** Best prices of an order book; a side without orders is undefined. */
export interface TopOfBook {
  readonly bid: Decimal | undefined;
  readonly ask: Decimal | undefined;
  /** When ws last knew the book to be the venue's, UTC milliseconds. Time spent in the stream counts as age. */
  readonly receivedAt: number;
}

/** The latest market data of one symbol. Undefined members have not been received since the process started. */
export interface MarketSnapshot {
  readonly instrument: Instrument | undefined;
  readonly book: TopOfBook | undefined;
  /** `tradedAt`: UTC milliseconds, by the earlier of the venue's clock and our own. */
  readonly lastTrade: { readonly price: Decimal; readonly tradedAt: number } | undefined;
}

/**
 * Returns whether market data is known to be at most `maxAgeMs` old. Data of the future, after a clock was set, has an
 * unknown age, unless it is ahead by so little.
 */
export function isFresh(ageMs: number, maxAgeMs: number): boolean {
  return Math.abs(ageMs) <= maxAgeMs;
}

/** Returns an age for people. */
export function ageText(ageMs: number): string {
  return ageMs < 0 ? `${-ageMs} ms in the future` : `${ageMs} ms old`;
}

const TWO = parseDecimal('2');

/** Halfway between best bid and best ask, rounded down at 18 decimals; undefined while either side is missing. */
export function midPrice(bid: Decimal | undefined, ask: Decimal | undefined): Decimal | undefined {
  return bid === undefined || ask === undefined ? undefined : divide(add(bid, ask), TWO, 'floor');
}
