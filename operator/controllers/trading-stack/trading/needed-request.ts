import { isMoreRestrictive, type SourceState } from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { reportedSources } from './reported.ts';

/** Whether a process may send more than a request of others permits. */
export function isLacking(record: SourceStatus, reported: SourceState | undefined): boolean {
  return reported === undefined || isMoreRestrictive(record.state, reported.state);
}

/** Whether a process does not have a request of the resource yet. */
export function isNeeded(record: SourceStatus, reported: SourceState | undefined): boolean {
  if (reported === undefined) return true;
  if (isMoreRestrictive(reported.state, record.state)) return record.revision > reported.revision;
  return reported.state !== record.state || record.revision > reported.revision;
}

/** Whether a request may lift one that the process holds. A silent process may hold a more restrictive one. */
export function mayLift({ source, state }: SourceStatus, pod: ObservedPod): boolean {
  if (state === 'Halted') return false;
  if (pod.answer.kind === 'Silent') return true;
  const reported = reportedSources(pod).find((each) => each.source === source);
  return reported !== undefined && isMoreRestrictive(reported.state, state);
}

/** Whether the status has a request, so that an operator that takes over knows it. */
export function isStored({ source, state, revision }: SourceStatus, stored: readonly SourceStatus[]): boolean {
  return stored.some((each) => each.source === source && each.state === state && each.revision === revision);
}

/**
 * A revision that only adds an author or a reason is sent once the status has it. Should the status not be written, the
 * processes would have a request that the resource seems not to have shown.
 */
export function storedFirst(record: SourceStatus, stored: readonly SourceStatus[]): SourceStatus {
  const { source, state, revision } = record;
  return stored.find((each) => each.source === source && each.state === state && each.revision < revision) ?? record;
}
