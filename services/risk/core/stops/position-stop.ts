import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { DecimalError, divide, maximum, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { costOf, heldBy, type Pair } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import type { UnreadAccountRow } from '../unread-rows.ts';
import { stopOf, type StopRecord } from './stop-record.ts';
import { isConfigured } from '../configured-strategy.ts';
import { rulesInForce } from './stop-rules.ts';
import type { WatchedPosition } from './stop-trigger.ts';
import { unjudgedReason } from './unjudged-reason.ts';

/** What protects a position that is held. */
export type PositionStop =
  | { readonly kind: 'None' }
  /** The position has no record yet: it is watched once it has one. */
  | { readonly kind: 'Begins'; readonly rules: StopRules }
  /** It has a record that cannot be read. Which stops apply, or since when, is unknown. */
  | { readonly kind: 'Unread'; readonly row: UnreadAccountRow }
  | { readonly kind: 'Triggered' }
  /** `problem`: why one of its stops cannot be judged now. */
  | { readonly kind: 'Watched'; readonly position: WatchedPosition; readonly problem: Problem | undefined };

export type StopsOf = Pick<RiskState, 'positions' | 'policy' | 'stops' | 'unread' | 'nowMs'>;

/** Returns what protects a position. `highOf` returns the highest price that this process has seen of it. */
export function positionStop(
  state: StopsOf,
  pair: Pair,
  market: MarketSnapshot,
  highOf: (record: StopRecord) => Decimal | undefined,
): PositionStop {
  const record = stopOf(state.stops, pair);
  if (record?.triggered !== undefined) return { kind: 'Triggered' };
  const rules = rulesInForce(state.policy, pair, record);
  const row = record === undefined || rules === undefined ? unreadStopOf(state, pair) : undefined;
  if (row !== undefined && (rules !== undefined || !isConfigured(state.policy, pair))) return { kind: 'Unread', row };
  if (rules === undefined) return { kind: 'None' };
  if (record === undefined) return { kind: 'Begins', rules };
  const entryPrice = entryPriceOf(state, pair);
  const highPrice = highest([record.highPrice, highOf(record), entryPrice]);
  const position = { ...pair, rules, openedAtMs: record.openedAtMs, entryPrice, highPrice };
  return { kind: 'Watched', position, problem: unjudgedReason({ ...state, market }, position) };
}

function unreadStopOf({ unread }: StopsOf, pair: Pair): UnreadAccountRow | undefined {
  return unread.find(
    (row) => row.table === 'risk.stops' && row.strategy === pair.strategy && row.symbol === pair.symbol,
  );
}

/** A position that was adopted or booked may have no cost, and one of almost nothing a price that is no decimal. */
function entryPriceOf(state: StopsOf, pair: Pair): Decimal | undefined {
  try {
    const cost = costOf(state, pair);
    return cost > ZERO ? divide(cost, heldBy(state, pair.strategy, pair.symbol), 'floor') : undefined;
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    return undefined;
  }
}

function highest(prices: readonly (Decimal | undefined)[]): Decimal | undefined {
  const known = prices.filter((price) => price !== undefined);
  return known.length === 0 ? undefined : known.reduce(maximum);
}
