import { DecimalError, divide, maximum, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { checkFeed } from '../checks/precondition-checks.ts';
import { heldBy, heldPairs, ordersOf, type Pair } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import { isDust } from '../sizing/smallest-order.ts';
import { hidesHolding, textOfRow, type UnreadRow } from '../unread-rows.ts';
import { stopOf, type StopRecord } from './stop-record.ts';
import type { StopRules, WatchedPosition } from './stop-trigger.ts';

/** A position one of whose stops cannot be judged now. */
export interface UnjudgedStop extends Pair {
  readonly problem: Problem;
}

/** Which positions are watched, and what changes in the record. */
export interface StopPlan {
  readonly watched: readonly WatchedPosition[];
  /** Positions without a record: they are watched once they have one. */
  readonly begun: readonly Pair[];
  /** Records of positions that are closed. */
  readonly ended: readonly StopRecord[];
  readonly unjudged: readonly UnjudgedStop[];
}

/**
 * Plans the stops: a position is watched while its strategy has stops, unless one has triggered already or the venue
 * would not take it. A record without a trigger ends with its position, one with a trigger at the entry of a later
 * stance. `highOf` returns the highest price that this process has seen of a position.
 */
export function planStops(
  state: Omit<RiskState, 'market'>,
  marketOf: (symbol: string) => MarketSnapshot,
  highOf: (record: StopRecord) => Decimal | undefined,
): StopPlan {
  const held = heldPairs(state).flatMap((pair) => {
    const rules = state.policy.sizing.find(({ strategy }) => strategy === pair.strategy)?.stops;
    const market = marketOf(pair.symbol);
    const quantity = heldBy(state, pair.strategy, pair.symbol);
    if (rules === undefined || isDust(quantity, market)) return [];
    return [{ pair, rules, market, quantity, record: stopOf(state.stops, pair) }];
  });
  const watched = held.flatMap(({ pair, rules, quantity, record }) => {
    if (record === undefined || record.triggered !== undefined) return [];
    const entryPrice = entryPriceOf(state, pair, quantity);
    const highPrice = highest([record.highPrice, highOf(record), entryPrice]);
    return [{ ...pair, rules, openedAtMs: record.openedAtMs, entryPrice, highPrice }];
  });
  const without = held
    .filter(({ record }) => record === undefined)
    .map(({ pair }) => ({ pair, row: unreadStopOf(state, pair) }));
  return {
    watched,
    begun: without.filter(({ row }) => row === undefined).map(({ pair }) => pair),
    ended: state.stops.filter((record) => record.triggered === undefined && isClosed(state, record)),
    unjudged: [
      ...watched.flatMap((position) => {
        const problem = problemOf({ ...state, market: marketOf(position.symbol) }, position);
        return problem === undefined ? [] : [{ strategy: position.strategy, symbol: position.symbol, problem }];
      }),
      ...without.flatMap(({ pair, row }) =>
        row === undefined ? [] : [{ ...pair, problem: { reason: 'RowUnreadable', message: textOfRow(row) } }],
      ),
    ],
  };
}

/** A position whose record cannot be read has one: it is not watched until the row is corrected. */
function unreadStopOf({ unread }: Pick<RiskState, 'unread'>, pair: Pair): UnreadRow | undefined {
  return unread.find(
    (row) => row.table === 'risk.stops' && row.strategy === pair.strategy && row.symbol === pair.symbol,
  );
}

function isClosed(state: Omit<RiskState, 'market'>, { strategy, symbol }: Pair): boolean {
  if (hidesHolding(state.unread, symbol)) return false;
  return heldBy(state, strategy, symbol) <= ZERO && ordersOf(state, strategy, symbol).length === 0;
}

/** A position that was adopted or booked may have no cost, and one of almost nothing a price that is no decimal. */
function entryPriceOf({ positions }: Pick<RiskState, 'positions'>, pair: Pair, quantity: Decimal): Decimal | undefined {
  const own = positions.filter(({ strategy, symbol }) => strategy === pair.strategy && symbol === pair.symbol);
  const cost = own.reduce((sum, position) => sum + position.cost, 0n) as Decimal;
  try {
    return cost > ZERO ? divide(cost, quantity, 'floor') : undefined;
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    return undefined;
  }
}

function highest(prices: readonly (Decimal | undefined)[]): Decimal | undefined {
  const known = prices.filter((price) => price !== undefined);
  return known.length === 0 ? undefined : known.reduce(maximum);
}

/** Why a stop that needs a price has none; undefined if it has. */
function problemOf(state: RiskState, { rules, entryPrice }: WatchedPosition): Problem | undefined {
  if (!needsPrice(rules)) return undefined;
  const { refusal } = checkFeed(state, { stance: 'Flat' });
  if (refusal !== undefined) return { reason: refusal.code, message: refusal.detail };
  if (state.market.book?.bid === undefined) return { reason: 'CollarUnknown', message: 'the order book has no bid' };
  const needsEntry = rules.stopLossPercent !== undefined || rules.takeProfitPercent !== undefined;
  if (entryPrice !== undefined || !needsEntry) return undefined;
  return { reason: 'EntryPriceUnknown', message: 'the position has no cost to compute its entry price from' };
}

function needsPrice({ stopLossPercent, trailingStopPercent, takeProfitPercent }: StopRules): boolean {
  return [stopLossPercent, trailingStopPercent, takeProfitPercent].some((percent) => percent !== undefined);
}
