import type { MarketSnapshot } from '../../../shared/domain/market-snapshot.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import type { StopKind } from '../../../shared/domain/stop.ts';
import { heldBy, heldPairs, keyOf, type Pair } from '../holdings.ts';
import type { OrderView, RiskState, Signal } from '../risk-state.ts';
import { hidesHolding } from '../unread-rows.ts';
import { progressOf, type Attempts, type Progress } from './attempts.ts';
import { mayBeOutdated, type UnreadSignals } from '../stances/unread-signals.ts';
import { stopOf } from '../stops/stop-record.ts';
import { isConfigured } from '../configured-strategy.ts';
import { planCancels } from './cancel-plan.ts';
import type { WantedCancel } from './cancel-request.ts';
import { exitCause, exitSignal, type ExitCause } from './exit.ts';
import { stepOf, type PositionStep } from './position-step.ts';

/** A position that should be left. */
export interface LeavingPosition extends Pair {
  readonly cause: ExitCause;
  /** Which stop, when that is the cause. */
  readonly stop?: StopKind | undefined;
  /** Attempts since the position last became smaller. */
  readonly attempts: number;
  /** Why it is not left yet, or what of it is not there; undefined while an order works it, or an attempt is due. */
  readonly problem: Problem | undefined;
  /** What it waits for: the end of the problem or of the order that works it, or its next attempt. */
  readonly waitsFor: Problem;
}

/** What the exits depend on. */
export interface ExitInput {
  readonly state: Omit<RiskState, 'market'>;
  readonly marketOf: (symbol: string) => MarketSnapshot;
  /** By `keyOf` of the position. */
  readonly attempts: ReadonlyMap<string, Attempts>;
  /**
   * Where a newer signal may have changed the mind of the strategy, as of before the account was read. Only Flattening
   * and stops are obeyed there.
   */
  readonly unreadSignals: UnreadSignals;
  readonly monotonicMs: number;
}

/** What is done now about the positions that should be left, and what is reported of them. */
export interface ExitPlan {
  readonly open: readonly LeavingPosition[];
  /** Positions of which nothing can be sold, below the venue's minimum or not in the account: they stay. */
  readonly dust: readonly LeavingPosition[];
  /** One exit to decide for each. */
  readonly due: readonly Signal[];
  /** Buys to withdraw or cancel, because they stand in the way of an exit. */
  readonly cancels: readonly WantedCancel[];
  /** No position of the account can be sold any more, and no order is left that could change one. */
  readonly flat: boolean;
}

/**
 * Plans the exits: which positions should be left, why one is not left yet, and which exits are due. A position is left
 * alone while a sale or the approval of one exists, and sold only at a live price. Those that waited longest go first.
 * Nothing limits how many start at once: the request budget of the venue does. Where our own resting buys would meet
 * an exit, or reserve what it sells, they are cancelled first: to wait for that is no attempt, so that the exit is due
 * when they have ended.
 */
export function planExits(input: ExitInput): ExitPlan {
  const { state } = input;
  const held = heldPairs(state);
  const views = held.flatMap((pair) => viewOf(input, pair) ?? []);
  const open = views.filter(({ step }) => step.kind !== 'Dust');
  const reserving = new Set(open.flatMap(({ step }) => ('reserving' in step ? step.reserving : [])));
  const due = open.filter(({ isDue }) => isDue).toSorted((a, b) => a.triedMs - b.triedMs);
  return {
    open: open.map(({ position }) => position),
    dust: views.filter(({ step }) => step.kind === 'Dust').map(({ position }) => position),
    due: due.map(({ signal }) => signal),
    cancels: planCancels(
      state,
      (order) => reserving.has(order) || isUnwanted(input, order),
      open.flatMap(({ step }) => (step.kind === 'Obstructed' ? step.buys : [])),
    ),
    flat: state.orders.length === 0 && open.length === 0 && views.length === held.length && !hidesHolding(state.unread),
  };
}

/** A buy is also unwanted when its strategy or its pair was removed: no signal would ever cancel it. */
function isUnwanted(input: ExitInput, order: OrderView): boolean {
  const { policy } = input.state;
  if (!isConfigured(policy, order) || !policy.symbols.includes(order.symbol)) return true;
  return isObeyed(input, order, exitCause(input.state, order));
}

interface View {
  readonly position: LeavingPosition;
  readonly signal: Signal;
  readonly step: PositionStep;
  readonly isDue: boolean;
  readonly triedMs: number;
}

function viewOf({ state, marketOf, attempts, unreadSignals, monotonicMs }: ExitInput, pair: Pair): View | undefined {
  const cause = exitCause(state, pair);
  if (cause === undefined) return undefined;
  const own = { ...state, market: marketOf(pair.symbol) };
  const signal = exitSignal(own, pair);
  const last = attempts.get(keyOf(pair));
  const progress = progressOf(last, heldBy(own, pair.strategy, pair.symbol), monotonicMs);
  const asHeld = stepOf(own, signal);
  const isNext = NEXT_KINDS.has(asHeld.kind);
  const step = isNext && !isObeyed({ unreadSignals }, pair, cause) ? SIGNALS_UNREAD : asHeld;
  const problem = problemOf(step, progress);
  return {
    position: {
      ...pair,
      cause,
      stop: stopBehind(state, pair, cause),
      attempts: progress.count,
      problem,
      waitsFor: waitsFor(step, { problem, dueInMs: progress.dueInMs, nowMs: state.nowMs }),
    },
    signal,
    step,
    isDue: step.kind === 'Sellable' && progress.dueInMs === 0,
    triedMs: last?.atMs ?? Number.NEGATIVE_INFINITY,
  };
}

/** Of exits that execution does not send, one after another, the reason stays while the next one is not sent either. */
function problemOf(step: PositionStep, { problem, unsent }: Progress): Problem | undefined {
  if (step.kind === 'Sellable') return problem ?? step.problem;
  if (step.kind !== 'Working' || step.isSent || unsent === undefined) return step.problem;
  return step.problem ?? { ...unsent, message: `${unsent.message}; ${step.progress.message}` };
}

function waitsFor(
  step: PositionStep,
  {
    problem,
    dueInMs,
    nowMs,
  }: { readonly problem: Problem | undefined; readonly dueInMs: number; readonly nowMs: number },
): Problem {
  if (step.kind === 'Working') return problem ?? step.progress;
  if (step.kind !== 'Sellable') return step.problem;
  if (dueInMs === 0) return problem ?? { reason: 'ExitDue', message: 'the next attempt is made now' };
  const next = `the next attempt follows at ${new Date(nowMs + dueInMs).toISOString()}`;
  return problem === undefined
    ? { reason: 'ExitDue', message: next }
    : { ...problem, message: `${problem.message}; ${next}` };
}

/** Whether a position with this cause is left now. One that is not left any more has none. */
export function isObeyed(
  { unreadSignals }: Pick<ExitInput, 'unreadSignals'>,
  pair: Pair,
  cause: ExitCause | undefined,
): boolean {
  return cause !== undefined && (cause !== 'Flat' || !mayBeOutdated(unreadSignals, pair));
}

function stopBehind({ stops }: Pick<RiskState, 'stops'>, pair: Pair, cause: ExitCause): StopKind | undefined {
  return cause === 'Stop' ? stopOf(stops, pair)?.triggered?.kind : undefined;
}

/** Of positions that are sold next, at once or when buys have ended. */
const NEXT_KINDS: ReadonlySet<PositionStep['kind']> = new Set(['Sellable', 'Obstructed', 'Reserved']);

const SIGNALS_UNREAD: PositionStep = {
  kind: 'Blocked',
  problem: { reason: 'SignalsUnread', message: 'signals in Redis may be newer than the stance of the strategy' },
};
