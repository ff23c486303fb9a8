import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod, ObservedStack } from '../../observe/observation.ts';
import { valueFor } from './field-values.ts';
import { isNewer } from '../../../../../services/shared/domain/trading-state.ts';
import { reportedSources, statusOfSource } from '../reported.ts';
import type { OperatorSource } from './requests.ts';

/**
 * Returns the newest record of a source: what this process has seen, or the status has, or, when both were lost, what
 * the processes have, which keep theirs in the database. Of two with one revision the more restrictive counts: a row by
 * hand has the revision of the row before it. One of the processes is unshown: the resource may have been restored to
 * before it. It is unless no value of the field can show it.
 */
export function knownOf(
  source: OperatorSource,
  { seen, status }: Pick<ObservedStack, 'seen' | 'status'>,
  pods: readonly ObservedPod[],
): SourceStatus | undefined {
  const reported = pods
    .flatMap((pod) => reportedSources(pod).filter((each) => each.source === source))
    .map(statusOfSource)
    .map((each) => (valueFor(source, each.state) === undefined ? each : { ...each, unshown: true }));
  const stored = status.trading?.sources ?? [];
  const own = [...seen, ...stored].filter((each) => each.source === source);
  return [...own, ...reported].reduce<SourceStatus | undefined>(
    (newest, each) => (newest === undefined || isNewer(each, newest) ? each : newest),
    undefined,
  );
}
