import { CATALOGUE, type CatalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { Condition, ConditionReason, ConditionType } from '../../../api/v1alpha1/conditions.ts';
import type { Phase } from '../../../api/v1alpha1/trading-stack/status.ts';
import { conditionLine } from '../../../api/v1alpha1/status-text.ts';
import { blockerLine, type Blocker } from '../rollout/blocker.ts';
import { no, unknown, yes, type ConditionState } from './condition-state.ts';
import type { Facts } from './facts.ts';
import { haltedState } from './halted-state.ts';

/** Returns every condition of a stack. A condition whose status is unchanged keeps its transition time. */
export function conditionsOf(facts: Facts, phase: Phase, blocking: Blocker | undefined): Condition[] {
  const states: Record<ConditionType, ConditionState> = {
    Ready: readyState(facts, phase, blocking),
    Reconciling: reconcilingState(phase, blocking),
    Stalled: stalledState(facts, blocking),
    Available: availableState(facts),
    Halted: haltedState(facts),
    Degraded: degradedState(facts, phase, blocking),
    Suspended: suspendedState(facts),
  };
  return (Object.keys(states) as ConditionType[]).map((type) => condition(type, states[type], facts));
}

function condition(type: ConditionType, state: ConditionState, { previous, generation, nowMs }: Facts): Condition {
  const last = previous.conditions?.find((candidate) => candidate.type === type);
  const unchanged = last !== undefined && last.status === state.status;
  return {
    type,
    ...state,
    observedGeneration: generation,
    lastTransitionTime: unchanged ? last.lastTransitionTime : new Date(nowMs).toISOString(),
  };
}

function readyState(facts: Facts, phase: Phase, blocking: Blocker | undefined): ConditionState {
  if (phase === 'Terminating') return no('Deleting', blocking === undefined ? '' : blockerLine(blocking));
  const state = tradingStateOf(facts);
  if (phase === 'Running')
    return yes('AllTiersPassed', `${state}release ${facts.release?.target ?? ''} runs in all tiers`);
  if (phase === 'Suspended' && blocking === undefined) {
    if (facts.tiers.length === 0) return no('SuspendRequested', 'suspended before any tier was rolled out');
    return yes('AllTiersPassed', `${state}suspended; all tiers pass their gates`);
  }
  return underWay('False', blocking);
}

function tradingStateOf({ trading: { trading, halt } }: Facts): string {
  if (halt.active) return 'halted: no new orders are sent; ';
  if (trading.state === 'Flattening') return 'flattening: positions are being closed; ';
  return trading.state === 'Reducing' ? 'reducing: only orders that reduce a position are sent; ' : '';
}

function reconcilingState(phase: Phase, blocking: Blocker | undefined): ConditionState {
  if (phase === 'Terminating') return yes('Deleting', blocking === undefined ? '' : blockerLine(blocking));
  if (phase === 'Pending' || phase === 'Progressing') return underWay('True', blocking);
  return no('AsExpected', '');
}

function stalledState({ blocker }: Facts, blocking: Blocker | undefined): ConditionState {
  if (blocking?.stalls !== true) return no('AsExpected', '');
  const isOfRelease = blocking.subject === 'release';
  const reason =
    blocking.stallReason ??
    blocker?.reason ??
    (isOfRelease ? blocking.reason : ('TierDeadlineExceeded' satisfies ConditionReason));
  return { status: 'True', reason, message: blockerLine(blocking) };
}

function availableState({ execution, services, sending }: Facts): ConditionState {
  const { active, epoch } = execution;
  if (active === 'Unknown')
    return unknown('SenderUnknown', 'a process of execution does not answer; it may be sending');
  if (active === 'none') return no('SenderInactive', 'no execution process is active');
  if (sending !== undefined)
    return no('SenderBlocked', conditionLine(`execution may not send: ${sending.reason} - ${sending.message}`));
  const feeds = services.filter(({ name }) => FEEDS.has(name));
  if (feeds.length === 0) return no('FeedStale', 'no service receives market data');
  const failing = feeds.find(({ message }) => message !== '');
  if (failing !== undefined) return no('FeedStale', failing.message);
  return yes('SenderActive', `execution is the sender in epoch ${epoch}`);
}

const FEEDS: ReadonlySet<string> = new Set(namesOf(({ reportsFeed }) => reportsFeed === true));

function namesOf(predicate: (row: CatalogueRow) => boolean): readonly string[] {
  return CATALOGUE.filter(predicate).map(({ name }) => name);
}

function degradedState(
  { tiers, contested, partial, spare }: Facts,
  phase: Phase,
  blocking: Blocker | undefined,
): ConditionState {
  if (contested !== undefined) return { status: 'True', ...contested };
  const degraded = phase === 'Degraded' || tiers.some(({ state }) => state === 'Degraded');
  if (degraded) return yes('GateFailed', blocking === undefined ? '' : blockerLine(blocking));
  const problem = spare ?? partial;
  return problem === undefined ? no('AsExpected', '') : { status: 'True', ...problem };
}

function suspendedState({ suspended }: Facts): ConditionState {
  if (!suspended) return no('NotSuspended', '');
  return yes(
    'SuspendRequested',
    'the operator changes no object and activates no process; it still sends the requested trading state',
  );
}

/** State of a condition during a rollout, with the blocking problem if there is one. */
function underWay(status: ConditionState['status'], blocking: Blocker | undefined): ConditionState {
  if (blocking === undefined)
    return { status, reason: 'RollingOut' satisfies ConditionReason, message: 'the next tier is about to start' };
  return { status, reason: blocking.reason, message: blockerLine(blocking) };
}
