import { CATALOGUE, type ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import {
  isMoreRestrictive,
  SOURCE_PATTERN,
  type SourceState,
  type TradingState,
} from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';

/** Services whose processes obey the trading state. */
export const CARRIERS: readonly ServiceName[] = CATALOGUE.filter(({ carriesHalt }) => carriesHalt === true).map(
  ({ name }) => name,
);

/** Whether the process of a pod obeys the trading state and may still run. A terminating pod may. */
export function carriesTradingState({ service, finished }: ObservedPod): boolean {
  return CARRIERS.includes(service) && !finished;
}

/**
 * Whether a process may be running in the pod, and may have been activated. A container that waits, such as for its
 * image or in a crash loop, has none, and one that starts has not answered anybody. A pod that is silent for any other
 * reason may.
 */
export function mayRun({ answer, ip, waiting, started }: ObservedPod): boolean {
  return answer.kind === 'Answered' || (ip !== undefined && waiting === undefined && started);
}

export function reportedState({ answer }: ObservedPod): TradingState | undefined {
  return answer.kind === 'Answered' ? answer.statusz.trading?.state : undefined;
}

export function reportedSources({ answer }: ObservedPod): readonly SourceState[] {
  const sources = answer.kind === 'Answered' ? (answer.statusz.trading?.sources ?? []) : [];
  return sources.filter(({ source }) => SOURCE_PATTERN.test(source));
}

/** Whether a process reports the state that a source requests, or a more restrictive one of the source. */
export function reportsRequest(pod: ObservedPod, { source, state }: SourceStatus): boolean {
  if (state === 'Active') return true;
  const reported = reportedSources(pod).find((each) => each.source === source);
  return reported !== undefined && !isMoreRestrictive(state, reported.state);
}

/** Whether the database has everything that the process reports. */
export function reportsRecord({ answer }: ObservedPod): boolean {
  return answer.kind === 'Answered' && answer.statusz.trading?.persisted === true;
}

export function statusOfSource({ sinceMs, ...state }: SourceState): SourceStatus {
  return { ...state, since: new Date(sinceMs).toISOString() };
}
