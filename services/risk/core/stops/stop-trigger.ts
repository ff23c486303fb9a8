import {
  add,
  maximum,
  multiply,
  ONE,
  parseDecimal,
  divide,
  subtract,
  type Decimal,
} from '../../../shared/domain/decimal.ts';
import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import type { StopKind } from '../../../shared/domain/stop.ts';
import type { ConfirmedBids } from './observed-bid.ts';
import type { ReachedStop } from './stop-record.ts';

/** A position whose stops are watched. */
export interface WatchedPosition {
  readonly strategy: string;
  readonly symbol: string;
  readonly rules: StopRules;
  readonly openedAtMs: number;
  /** Cost by quantity; undefined if the cost is unknown. */
  readonly entryPrice: Decimal | undefined;
  /** Highest confirmed bid since the position was opened, at least the entry price. */
  readonly highPrice: Decimal | undefined;
}

/** Returns the highest price of a position after two bids: only what both of them reached counts. */
export function raisedHigh(high: Decimal | undefined, bids: ConfirmedBids | undefined): Decimal | undefined {
  if (bids === undefined) return high;
  return high === undefined ? bids.low : maximum(high, bids.low);
}

/**
 * Returns the first stop of a position that is reached, in the order of `STOP_KINDS`; undefined if none is. A price is
 * reached when both of the last two bids are at or beyond it. Fees of the exit do not count. Throws DecimalError when a
 * level does not fit a decimal.
 */
export function reachedStop(
  watched: WatchedPosition,
  bids: ConfirmedBids | undefined,
  nowMs: number,
): ReachedStop | undefined {
  const { rules, entryPrice, openedAtMs } = watched;
  const at = { entryPrice, atMs: nowMs };
  const reached = bids === undefined ? undefined : priceLevels(watched).find((one) => isReached(one, bids));
  if (reached !== undefined && bids !== undefined) return { ...reached, bid: nearestBid(reached.kind, bids), ...at };
  const { maxHoldingSeconds } = rules;
  if (maxHoldingSeconds === undefined || nowMs - openedAtMs < maxHoldingSeconds * 1_000) return undefined;
  return { kind: 'MaxHolding', level: undefined, bid: bids?.high, ...at };
}

interface PriceLevel {
  readonly kind: StopKind;
  readonly level: Decimal | undefined;
}

/** Returns the prices at which stops are reached. Throws DecimalError when one does not fit a decimal. */
export function priceLevels({ rules, entryPrice, highPrice }: WatchedPosition): readonly PriceLevel[] {
  return [
    { kind: 'StopLoss', level: below(entryPrice, rules.stopLossPercent) },
    { kind: 'TrailingStop', level: below(highPrice, rules.trailingStopPercent) },
    { kind: 'TakeProfit', level: above(entryPrice, rules.takeProfitPercent) },
  ];
}

function isReached({ kind, level }: PriceLevel, bids: ConfirmedBids): boolean {
  if (level === undefined) return false;
  return kind === 'TakeProfit' ? bids.low >= level : bids.high <= level;
}

function nearestBid(kind: StopKind, { low, high }: ConfirmedBids): Decimal {
  return kind === 'TakeProfit' ? low : high;
}

const HUNDRED = parseDecimal('100');

function below(price: Decimal | undefined, percent: Decimal | undefined): Decimal | undefined {
  if (price === undefined || percent === undefined) return undefined;
  return multiply(price, subtract(ONE, divide(percent, HUNDRED, 'floor')), 'floor');
}

function above(price: Decimal | undefined, percent: Decimal | undefined): Decimal | undefined {
  if (price === undefined || percent === undefined) return undefined;
  return multiply(price, add(ONE, divide(percent, HUNDRED, 'floor')), 'ceil');
}
