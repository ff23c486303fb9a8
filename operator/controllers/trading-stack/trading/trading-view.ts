import type { FlattenStatus } from '../../../../services/shared/contracts/statusz.ts';
import {
  isMoreRestrictive,
  mostRestrictive,
  TRADING_STATES,
} from '../../../../services/shared/domain/trading-state.ts';
import type { HaltStatus, SourceStatus, TradingStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { conditionLine } from '../../../api/v1alpha1/status-text.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';
import { firstPending } from './first-pending.ts';
import { haltOf } from './halt-of.ts';
import { isUnsaved, type TradingPlan } from './plan-trading.ts';
import { carriesTradingState, mayRun, reportedSources, reportedState, statusOfSource } from './reported.ts';

/** What is requested, and what the processes of risk and execution report. */
export interface TradingView {
  readonly trading: TradingStatus;
  readonly halt: HaltStatus;
  /** First process that does not report the requested state, and why; undefined if all do. */
  readonly pending: string | undefined;
  /** Positions that a process is closing; undefined while none reports them. */
  readonly flatten: FlattenStatus | undefined;
  /** Whether `pending` is known to be less restrictive, rather than silent. */
  readonly disobeyed: boolean;
}

const SOURCES_MAX = 40;

/** Compares what is requested with what the processes report. Pure. */
export function viewTrading(observation: Observation, { records, foreign, refusals }: TradingPlan): TradingView {
  const { stack, nowMs } = observation;
  const pods = observation.pods.filter((pod) => carriesTradingState(pod) && mayRun(pod));
  const sources = listed(records, foreign);
  const applied = [...sources, ...stillApplied(pods, records)];
  const requested = mostRestrictive(applied.map(({ state }) => state));
  const state = stateOf(pods);
  const before = stack.status.trading;
  const since = before?.state === state ? before.since : new Date(nowMs).toISOString();
  const doubtful = firstPending(pods, requested);
  return {
    trading: { state, requested, since, sources: [...sources], ...ignoredOf(refusals) },
    halt: haltOf(observation, {
      sources: applied,
      records: sources,
      requested,
      active: state === 'Halted' && doubtful === undefined,
      observedMs: state === 'Halted' ? Date.parse(since) : undefined,
    }),
    flatten: flattenOf(pods),
    pending: doubtful?.message,
    disobeyed: doubtful?.disobeyed === true,
  };
}

/**
 * The report with the most open positions counts: a process that starts may know fewer. Of equal ones that of the
 * release that decides: only it knows why a position is not closed.
 */
function flattenOf(pods: readonly ObservedPod[]): FlattenStatus | undefined {
  const reports = pods.flatMap(({ answer }) => {
    if (answer.kind !== 'Answered') return [];
    const { flatten, activation } = answer.statusz;
    return flatten ? [{ flatten, isActive: activation?.role === 'active' }] : [];
  });
  const [first] = reports.toSorted(
    (a, b) => b.flatten.openPositions - a.flatten.openPositions || Number(b.isActive) - Number(a.isActive),
  );
  return first?.flatten;
}

function ignoredOf(refusals: readonly string[]): Pick<TradingStatus, 'ignored'> {
  return refusals.length === 0 ? {} : { ignored: conditionLine(refusals.join('; ')) };
}

/** The weakest state counts: one process that may still send orders makes the stack one that may. */
function stateOf(pods: readonly ObservedPod[]): TradingStatus['state'] {
  const states = pods.map(reportedState);
  if (states.length === 0 || states.includes(undefined)) return 'Unknown';
  return TRADING_STATES.find((state) => states.includes(state)) ?? 'Unknown';
}

/**
 * The list is short, and the memory of an operator that takes over: what it leaves out must be neither a record, nor
 * unsaved, nor what stops trading.
 */
function listed(records: readonly SourceStatus[], foreign: readonly SourceStatus[]): readonly SourceStatus[] {
  const others = [...foreign.filter(isUnsaved), ...foreign.filter((each) => !isUnsaved(each))];
  const room = SOURCES_MAX - records.length;
  return [...records, ...others.toSorted(byRestriction).slice(0, room)].toSorted(byRestriction);
}

/**
 * What a process reports of a source of the operator and is more restrictive than its record: a lift that the process
 * does not obey yet. Until then the stack is not shown as lifted.
 */
function stillApplied(pods: readonly ObservedPod[], records: readonly SourceStatus[]): readonly SourceStatus[] {
  return pods
    .flatMap(reportedSources)
    .filter(({ source, state }) =>
      records.some((record) => record.source === source && isMoreRestrictive(state, record.state)),
    )
    .map(statusOfSource);
}

function byRestriction(a: SourceStatus, b: SourceStatus): number {
  return TRADING_STATES.indexOf(b.state) - TRADING_STATES.indexOf(a.state);
}
