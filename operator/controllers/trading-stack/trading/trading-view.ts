import type { FlattenStatus } from '../../../../services/shared/contracts/statusz.ts';
import {
  isMoreRestrictive,
  mostRestrictive,
  TRADING_STATES,
  type TradingState,
} from '../../../../services/shared/domain/trading-state.ts';
import type { HaltStatus, SourceStatus, TradingStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { conditionLine } from '../../../api/v1alpha1/status-text.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';
import { confirmation } from './halt-confirmation.ts';
import { isUnsaved, type TradingPlan } from './plan-trading.ts';
import { requesters } from './request-lines.ts';
import { CARRIERS, carriesTradingState, mayRun, reportedSources, reportedState, statusOfSource } from './reported.ts';

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

/** The report with the most open positions counts: a process that starts may know fewer. */
function flattenOf(pods: readonly ObservedPod[]): FlattenStatus | undefined {
  const reports = pods.flatMap(({ answer }) => (answer.kind === 'Answered' ? (answer.statusz.flatten ?? []) : []));
  return reports.toSorted((a, b) => b.openPositions - a.openPositions)[0];
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

interface Pending {
  readonly message: string;
  readonly disobeyed: boolean;
}

function firstPending(pods: readonly ObservedPod[], requested: TradingState): Pending | undefined {
  const least = TRADING_STATES.indexOf(requested);
  const disobeying = pods.find((pod) => {
    const state = reportedState(pod);
    return state !== undefined && TRADING_STATES.indexOf(state) < least;
  });
  if (disobeying !== undefined) {
    const { name, command } = disobeying;
    const why = command === undefined ? '' : `: ${command.reason} - ${command.message}`;
    return { message: `${name} reports ${reportedState(disobeying) ?? ''}${why}`, disobeyed: true };
  }
  const silent = pods.find((pod) => reportedState(pod) === undefined);
  if (silent !== undefined) return { message: `${silent.name}: ${whySilent(silent)}`, disobeyed: false };
  const absent = CARRIERS.find((name) => !pods.some(({ service }) => service === name));
  return absent === undefined ? undefined : { message: `no process of ${absent} answers`, disobeyed: false };
}

function whySilent({ answer, command }: ObservedPod): string {
  if (command !== undefined) return `${command.reason} - ${command.message}`;
  return answer.kind === 'Silent' ? answer.message : 'its release does not report a trading state';
}

function haltOf(
  { stack, pods, nowMs }: Observation,
  {
    sources,
    records,
    requested,
    active,
    observedMs,
  }: {
    /** With those that only processes still obey. */
    readonly sources: readonly SourceStatus[];
    readonly records: readonly SourceStatus[];
    readonly requested: TradingState;
    readonly active: boolean;
    /** Since when every process has reported Halted, by the clock of the operator. */
    readonly observedMs: number | undefined;
  },
): HaltStatus {
  if (requested !== 'Halted') return { active: false };
  const halting = sources.filter(({ state }) => state === 'Halted');
  const [since = new Date(nowMs).toISOString()] = halting.map((source) => source.since).sort();
  const before = stack.status.halt?.since === since ? stack.status.halt.confirmed : undefined;
  return {
    active,
    since,
    by: requesters(records, 'Halted'),
    // The time of a request may come from a clock that is ahead.
    ...confirmation(before, pods, {
      nowMs,
      sinceMs: Math.min(Date.parse(since), observedMs ?? Number.POSITIVE_INFINITY),
    }),
  };
}
