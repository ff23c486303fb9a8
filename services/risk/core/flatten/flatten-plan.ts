import { ZERO } from '../../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { heldBy } from '../holdings.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { progressOf, type Attempts } from './attempts.ts';
import { exitSignal, keyOf, type Pair } from './exit.ts';
import { stepOf } from './position-step.ts';

/** Why a position is not closed yet. */
export interface FlattenProblem extends Pair, Problem {}

/** What flattening depends on. */
export interface FlattenInput {
  readonly state: Omit<RiskState, 'market'>;
  readonly marketOf: (symbol: string) => MarketSnapshot;
  /** By `keyOf` of the position. */
  readonly attempts: ReadonlyMap<string, Attempts>;
  readonly monotonicMs: number;
}

/** What flattening does, and what it reports. */
export interface FlattenPlan {
  /** Positions that are not closed yet, without dust. */
  readonly openPositions: number;
  /** Those of dust come last. */
  readonly problems: readonly FlattenProblem[];
  /** One exit to decide for each. */
  readonly due: readonly Signal[];
  /** Positions below the venue's minimum. */
  readonly dust: number;
  /** No position can be sold any more, and nothing is left that could change one. */
  readonly flat: boolean;
}

const PROBLEMS_MAX = 20;

/**
 * Plans what flattening does now: which positions are open, why one is not being closed, and which exits are due. A
 * position is left alone while an order or an approval of it exists, and sold only at a live price. The number of exits
 * stays within `maxOrdersPerSecond`: the rest follows a second later.
 */
export function planFlatten(input: FlattenInput): FlattenPlan {
  const { state, marketOf } = input;
  const views = heldPairs(state).map((pair) => {
    const own = { ...state, market: marketOf(pair.symbol) };
    const signal = exitSignal(own, pair);
    const progress = progressOf(
      input.attempts.get(keyOf(pair)),
      heldBy(own, pair.strategy, pair.symbol),
      input.monotonicMs,
    );
    return { pair, signal, step: stepOf(own, signal), progress };
  });
  const dusty = views.filter(({ step }) => step.kind === 'Dust');
  const open = views.filter(({ step }) => step.kind !== 'Dust');
  const due = views.filter(({ step, progress }) => step.kind === 'Sellable' && progress.due);
  const problems = [...open, ...dusty].flatMap(({ pair, step, progress }) => {
    const problem = step.kind === 'Sellable' ? progress.problem : step.problem;
    return problem === undefined ? [] : [{ ...pair, ...problem }];
  });
  const slots = Math.max(0, state.policy.limits.maxOrdersPerSecond - state.approvedLastSecond);
  return {
    openPositions: open.length,
    dust: dusty.length,
    problems: problems.slice(0, PROBLEMS_MAX),
    due: due.slice(0, slots).map(({ signal }) => signal),
    flat: state.orders.length === 0 && open.length === 0,
  };
}

function heldPairs(state: Omit<RiskState, 'market'>): readonly Pair[] {
  const pairs = new Map(
    state.positions.map(({ strategy, symbol }) => [keyOf({ strategy, symbol }), { strategy, symbol }]),
  );
  return [...pairs.values()].filter(({ strategy, symbol }) => heldBy(state, strategy, symbol) > ZERO);
}
