import type {
  ReleaseChange,
  ReleaseStatus,
  TradingStackStatus,
} from '../../../../api/v1alpha1/trading-stack/status.ts';
import { event, type StackEvent } from './stack-event.ts';

/** Returns the events of the releases: one that failed, one whose rollout started, and one that runs in all tiers. */
export function releaseEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const { release: last } = before;
  const { release: now } = after;
  if (now === undefined) return [];
  return [
    ...failureEvents(last, now),
    ...waitingEvents(last, now),
    ...targetEvents(last, now),
    ...currentEvents(last, now),
  ];
}

function failureEvents(last: ReleaseStatus | undefined, { failed }: ReleaseStatus): readonly StackEvent[] {
  if (failed === undefined || failed.release === last?.failed?.release) return [];
  return [event('Warning', 'ReleaseFailed', 'RollBack', `release ${failed.release}: ${failed.message}`)];
}

function waitingEvents(last: ReleaseStatus | undefined, { waiting }: ReleaseStatus): readonly StackEvent[] {
  if (waiting === undefined || waiting.release === last?.waiting?.release) return [];
  const opening = waiting.opensAt === undefined ? 'never opens' : `opens at ${waiting.opensAt}`;
  const note = `release ${waiting.release} waits for the maintenance window, which ${opening}`;
  return [event('Normal', 'RolloutWaits', 'RollOut', note)];
}

function targetEvents(last: ReleaseStatus | undefined, { target, history = [] }: ReleaseStatus): readonly StackEvent[] {
  const [change] = history;
  return change === undefined || target === last?.target ? [] : [targetEvent(change)];
}

function targetEvent({ release, version, reason }: ReleaseChange): StackEvent {
  const isBack = reason === 'RolledBack' || reason === 'RollbackRequested';
  const note = `release ${release}, version ${version}: ${reason}`;
  return isBack
    ? event('Normal', 'RollbackStarted', 'RollBack', note)
    : event('Normal', 'RolloutStarted', 'RollOut', note);
}

function currentEvents(last: ReleaseStatus | undefined, { current }: ReleaseStatus): readonly StackEvent[] {
  if (current === undefined || current === last?.current) return [];
  return [event('Normal', 'ReleaseCurrent', 'RollOut', `release ${current} runs in all tiers`)];
}
