import { isMoreRestrictive, isNewer } from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { CARRIERS, mayRun, reportedSources, reportedState, reportsRecord, statusOfSource } from './reported.ts';
import { OPERATOR_SOURCES } from './requests/requests.ts';

const OWN: ReadonlySet<string> = new Set(OPERATOR_SOURCES);

/**
 * Latest request of each source that only the processes know, such as a row or a command by hand, by name. `stored` is
 * what the last status has.
 *
 * A request that the database has is left out once every process answers and none reports it. One that no process
 * reports as saved is `unsaved`: it may exist in one process only, and would end with it. The status is then its only
 * other copy, so it stays until the source lifts it with a higher revision, or a process reports it from the database.
 * A process reports for all its sources together whether they are saved: while it is not so, each of them counts as
 * unsaved.
 */
export function foreignSources(
  carriers: readonly ObservedPod[],
  stored: readonly SourceStatus[],
): readonly SourceStatus[] {
  const pods = carriers.filter(mayRun);
  const isComplete = CARRIERS.every((name) => pods.some(({ service }) => service === name));
  const allAnswer = isComplete && pods.every((pod) => reportedState(pod) !== undefined);
  const names = new Set([...pods.flatMap(reportedSources), ...stored].map(({ source }) => source));
  return [...names]
    .filter((name) => !OWN.has(name))
    .sort()
    .flatMap((name) => {
      const before = stored.find(({ source }) => source === name);
      return latestOf({ name, before, pods, allAnswer }) ?? [];
    });
}

interface Source {
  readonly name: string;
  readonly before: SourceStatus | undefined;
  readonly pods: readonly ObservedPod[];
  readonly allAnswer: boolean;
}

function latestOf({ name, before, pods, allAnswer }: Source): SourceStatus | undefined {
  const reported = newest(reportsOf(name, pods));
  const savedRevision = newest(reportsOf(name, pods.filter(reportsRecord)))?.revision ?? -1;
  const marked = reported === undefined ? undefined : withMark(reported, savedRevision);
  if (before === undefined) return marked;
  if (before.unsaved !== true) return allAnswer ? marked : latest(before, marked);
  if (savedRevision >= before.revision || (marked !== undefined && isNewer(marked, before))) return marked;
  return before;
}

/** Of two equals that which a process reports. */
function latest(before: SourceStatus, reported: SourceStatus | undefined): SourceStatus {
  return reported !== undefined && reported.revision >= before.revision ? reported : before;
}

/** A request that restricts nothing need not be kept. One without a revision is a row, so the database has it. */
function withMark(request: SourceStatus, savedRevision: number): SourceStatus {
  const isUnsaved = isMoreRestrictive(request.state, 'Active') && request.revision > Math.max(0, savedRevision);
  return isUnsaved ? { ...request, unsaved: true } : request;
}

function reportsOf(name: string, pods: readonly ObservedPod[]): readonly SourceStatus[] {
  return pods
    .flatMap(reportedSources)
    .filter(({ source }) => source === name)
    .map(statusOfSource);
}

function newest(requests: readonly SourceStatus[]): SourceStatus | undefined {
  return requests.reduce<SourceStatus | undefined>(
    (found, each) => (found === undefined || isNewer(each, found) ? each : found),
    undefined,
  );
}
