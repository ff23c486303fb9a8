import type { StopRules } from '../../../shared/contracts/services/risk.ts';
import { ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { heldBy, heldPairs, ordersOf, type Pair } from '../holdings.ts';
import type { RiskState } from '../risk-state.ts';
import { isDust } from '../sizing/smallest-order.ts';
import { hidesHolding, textOfRow } from '../unread-rows.ts';
import { positionStop, type PositionStop } from './position-stop.ts';
import type { StopRecord } from './stop-record.ts';
import { isConfigured } from '../configured-strategy.ts';
import { rulesOf, sameRules } from './stop-rules.ts';
import type { WatchedPosition } from './stop-trigger.ts';

/** A position one of whose stops cannot be judged now. */
export interface UnjudgedStop extends Pair {
  readonly problem: Problem;
}

/** Which positions are watched, and what changes in the record. */
export interface StopPlan {
  readonly watched: readonly WatchedPosition[];
  /** Positions without a record, and their stops: they are watched once they have one. */
  readonly begun: readonly (Pair & { readonly rules: StopRules })[];
  /** Records whose strategy has other stops now, or none any more. */
  readonly changed: readonly { readonly record: StopRecord; readonly rules: StopRules | undefined }[];
  /** Records of positions that are closed. */
  readonly ended: readonly StopRecord[];
  readonly unjudged: readonly UnjudgedStop[];
}

/**
 * Plans the stops: a position is watched while stops apply to it, unless one has triggered already or the venue would
 * not take it. A record without a trigger ends with its position, one with a trigger at the entry of a later stance.
 * `highOf` returns the highest price that this process has seen of a position.
 */
export function planStops(
  state: Omit<RiskState, 'market'>,
  marketOf: (symbol: string) => MarketSnapshot,
  highOf: (record: StopRecord) => Decimal | undefined,
): StopPlan {
  const held = heldPairs(state).flatMap((pair) => {
    const market = marketOf(pair.symbol);
    if (isDust(heldBy(state, pair.strategy, pair.symbol), market)) return [];
    return [{ pair, stop: positionStop(state, pair, market, highOf) }];
  });
  const waiting = state.stops.filter(({ triggered }) => triggered === undefined);
  const ended = waiting.filter((record) => isClosed(state, record));
  return {
    watched: held.flatMap(({ stop }) => (stop.kind === 'Watched' ? [stop.position] : [])),
    begun: held.flatMap(({ pair, stop }) => (stop.kind === 'Begins' ? [{ ...pair, rules: stop.rules }] : [])),
    changed: waiting.flatMap((record) => (ended.includes(record) ? [] : changeOf(state, record))),
    ended,
    unjudged: held.flatMap(({ pair, stop }) => {
      const problem = problemOf(stop);
      return problem === undefined ? [] : [{ ...pair, problem }];
    }),
  };
}

function problemOf(stop: PositionStop): Problem | undefined {
  if (stop.kind === 'Unread') return { reason: 'RowUnreadable', message: textOfRow(stop.row) };
  return stop.kind === 'Watched' ? stop.problem : undefined;
}

/** The stops of a strategy that was removed stay as they are. */
function changeOf({ policy }: Pick<RiskState, 'policy'>, record: StopRecord): StopPlan['changed'] {
  const rules = rulesOf(policy, record);
  return isConfigured(policy, record) && !sameRules(record.rules, rules) ? [{ record, rules }] : [];
}

function isClosed(state: Omit<RiskState, 'market'>, { strategy, symbol }: Pair): boolean {
  if (hidesHolding(state.unread, symbol)) return false;
  return heldBy(state, strategy, symbol) <= ZERO && ordersOf(state, strategy, symbol).length === 0;
}
