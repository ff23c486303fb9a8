import type { BreakersStatus } from '../../shared/contracts/statusz.ts';
import type { DecisionScope } from '../../shared/domain/release/active-release.ts';
import type { SourceState } from '../../shared/domain/trading-state.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../../shared/runtime/periodic.ts';
import type { TradingStates } from '../../shared/trading-state/trading-states.ts';
import { createBreakerObservations, type BreakerObservations } from './breaker-observations.ts';
import type { ObservedEquity } from './equity-observation.ts';
import { createEquitySuccession } from './equity-succession.ts';
import type { EquityRecord, TrippedBreaker } from '../core/breakers/breaker.ts';
import type { EquityState } from '../core/breakers/equity/equity.ts';
import { figuresOf, setMetrics, statusOf, type SeenBreakers } from './breaker-report.ts';
import { breakerCommands, keyOf, planBreakers, type BreakerPlan } from '../core/breakers/plan-breakers.ts';
import type { RiskMetrics } from '../metrics.ts';
import type { RiskStore } from '../ports.ts';
import { stateOf, type StateOptions } from '../state-of.ts';

export interface BreakerWatchOptions extends StateOptions {
  readonly states: Pick<TradingStates, 'sources' | 'apply'>;
  readonly store: Pick<RiskStore, 'readAccount' | 'saveEquity' | 'tripBreaker' | 'leaveBreaker' | 'finishReset'>;
  /** What this process may decide. */
  readonly scope: () => DecisionScope;
  readonly metrics: Pick<RiskMetrics, 'breakers' | 'equity' | 'dayProfit' | 'drawdown'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface BreakerWatch extends Periodic {
  readonly onBook: BreakerObservations['onBook'];
  /** Null while the account cannot be read. */
  readonly status: () => BreakersStatus | null;
  readonly figures: () => Readonly<Record<string, string | number | null>>;
}

const EVERY_MS = 1_000;
/** An equity that changes no baseline is stored at most this often. */
const SAVE_EVERY_MS = 5_000;
const NO_RULES = {};

/**
 * Creates the part that trips breakers and lets them leave: each second it values the account, looks at the books, and
 * stores what follows. A breaker of the account asks for a trading state as a source of its own. What is stored
 * decides: a process that dies between two writes, or a second one beside it, arrives at the same state. While another
 * release is active it values the account and writes nothing. While none is known to decide it only trips.
 */
export function createBreakerWatch(options: BreakerWatchOptions): BreakerWatch {
  const { settings, states, store, scope, market, metrics, clock, log } = options;
  const rules = settings.breakers ?? NO_RULES;
  const observations = createBreakerObservations(settings, market);
  const succession = createEquitySuccession(clock);
  let seen: SeenBreakers | undefined;
  let savedMs = Number.NEGATIVE_INFINITY;

  const saved = async (plan: BreakerPlan, before: EquityRecord | undefined): Promise<boolean> => {
    const { equity } = plan;
    if (equity === undefined) return true;
    if (!movesBaseline(equity, before) && clock.monotonicMs() - savedMs < SAVE_EVERY_MS) return true;
    savedMs = clock.monotonicMs();
    const isStored = await store.saveEquity(equity);
    if (isStored) succession.onStored(equity);
    return isStored;
  };

  const look = async (): Promise<void> => {
    // Read before the account: a breaker that trips after it has been read is newer than what is lifted here.
    const { sources } = states;
    const nowMs = clock.nowMs();
    const account = await store.readAccount(nowMs);
    const state = stateOf(options, account, nowMs);
    const equity = observations.value(account.breakerResets.length === 0 ? state : withFeesAccepted(state));
    const record = equity.kind === 'Known' ? equity.record : undefined;
    const isOthers = record !== undefined && !succession.mayReplace(account.equityRecord, record);
    const plan = planBreakers({
      rules,
      symbols: settings.symbols,
      equity: record,
      tripped: account.breakers,
      // A reset moves the record.
      resets: isOthers ? [] : account.breakerResets,
      breaches: observations.look(nowMs, account.venueHealth),
      calmSinceMs: observations.calmSinceMs,
      nowMs,
    });
    const mayDecide = scope();
    // Another process has moved the baselines: the next pass reads them.
    if (mayDecide === 'All' && !isOthers && !(await saved(plan, account.equityRecord))) return;
    // While no release is known to decide, no process stores the record.
    if (mayDecide !== 'Exits') observations.onStored();
    const allowed = allowedPlan(mayDecide, plan, account.breakers);
    await applyPlan(options, allowed, nowMs);
    if (mayDecide !== 'None') request(allowed.tripped, sources, mayDecide === 'All');
    seen = { tripped: allowed.tripped, equity: reported(equity, plan), fees: state.feesPaid };
    setMetrics(seen, metrics);
  };

  const request = (tripped: readonly TrippedBreaker[], sources: readonly SourceState[], mayLift: boolean): void => {
    for (const command of breakerCommands(tripped, rules, sources))
      if (mayLift || command.state !== 'Active') states.apply(command);
  };

  const pass = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      seen = undefined;
      throw error;
    }
  };

  return {
    ...periodic({ name: 'breakers', intervalMs: EVERY_MS, task: pass, clock, log }),
    onBook: observations.onBook,
    status: () => (seen === undefined ? null : statusOf(seen)),
    figures: () => figuresOf(seen),
  };
}

/**
 * What a process may write of a plan. While no release is known to decide: what refuses entries. It lets nothing leave,
 * and moves no baseline, because an active release that it does not hear may still do both.
 */
function allowedPlan(scope: DecisionScope, plan: BreakerPlan, tripped: readonly TrippedBreaker[]): BreakerPlan {
  if (scope === 'All') return plan;
  const known = new Set(tripped.map(keyOf));
  const trips = scope === 'Exits' ? plan.trips.filter((trip) => !known.has(keyOf(trip))) : [];
  return { ...plan, trips, leaves: [], handled: [], tripped: [...tripped, ...trips] };
}

async function applyPlan({ store, log }: BreakerWatchOptions, plan: BreakerPlan, nowMs: number): Promise<void> {
  for (const trip of plan.trips) if (await store.tripBreaker(trip)) log.warn({ ...trip }, 'breaker tripped');
  for (const { breaker, cause } of plan.leaves) {
    const { breaker: code, symbol, trippedAtMs } = breaker;
    const isLast = await store.leaveBreaker({ breaker: code, symbol, trippedAtMs, leftAtMs: nowMs, cause });
    if (isLast) log.warn({ breaker: code, symbol, trippedAtMs, cause }, 'breaker left');
  }
  for (const { id, author, reason } of plan.handled) {
    await store.finishReset(id);
    log.warn({ id, author, reason }, 'drawdown reset by a person');
  }
}

/** A person who resets the drawdown accepts the fees so far, also those that have no price. */
function withFeesAccepted(state: EquityState): EquityState {
  const { equityRecord: record, feesPaid: fees } = state;
  return { ...state, equityRecord: record === undefined ? undefined : { ...record, fees } };
}

function movesBaseline(next: EquityRecord, before: EquityRecord | undefined): boolean {
  const basis = (record: EquityRecord | undefined): string =>
    JSON.stringify([
      record?.currency,
      record?.assets,
      [...(record?.transfers ?? [])].map(String),
      [...(record?.fees ?? [])].filter(([asset]) => !next.assets.includes(asset)).map(String),
      record?.dayMs,
    ]);
  return before?.dayStart !== next.dayStart || before.peak !== next.peak || basis(before) !== basis(next);
}

function reported(equity: ObservedEquity, plan: BreakerPlan): ObservedEquity {
  return equity.kind === 'Unknown' || plan.equity === undefined ? equity : { ...equity, record: plan.equity };
}
