import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { TradingStateRequest } from '../../../../services/shared/contracts/control.ts';
import {
  isMoreRestrictive,
  TRADING_STATES,
  type SourceState,
} from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';
import { valueFor } from './field-values.ts';
import { foreignSources } from './foreign-sources.ts';
import { recordRequest } from './record-request.ts';
import { carriesTradingState, isNewer, reportedSources, statusOfSource } from './reported.ts';
import { requestsOf, type OperatorSource } from './requests.ts';

/** Command to one process: the trading state that one source requests. */
export interface TradingCommand {
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  readonly service: ServiceName;
  readonly request: TradingStateRequest;
}

/** What the resource requests, and what to send to which process. */
export interface TradingPlan {
  /** Latest request of each source that the operator reads. */
  readonly records: readonly SourceStatus[];
  /** Latest request of each source that only the processes know. Those that are unsaved are kept and sent. */
  readonly foreign: readonly SourceStatus[];
  /** Less restrictive states that the resource shows and that are not applied; for people. */
  readonly refusals: readonly string[];
  /** The most restrictive state of each process comes first. */
  readonly commands: readonly TradingCommand[];
}

/**
 * Plans the commands that bring every process to the requested trading state. It needs the resource and the pods only:
 * no release, no Secret of a service and no valid spec. A more restrictive state is sent at once. A less restrictive
 * one is sent only once the status has recorded it, so that an operator that takes over never sends an older lift.
 */
export function planTrading({ stack, pods, nowMs }: Pick<Observation, 'stack' | 'pods' | 'nowMs'>): TradingPlan {
  const carriers = pods.filter(carriesTradingState);
  const stored = stack.status.trading?.sources ?? [];
  const recorded = requestsOf(stack).map((request) =>
    recordRequest(knownOf(request.source, stored, carriers), request, nowMs),
  );
  const records = recorded.flatMap(({ record }) => record ?? []);
  const foreign = foreignSources(carriers, stored);
  return {
    records,
    foreign,
    refusals: recorded.flatMap(({ refusal }) => refusal ?? []),
    commands: carriers.flatMap((pod) =>
      commandsTo(pod, {
        records: records.map((record) => storedFirst(record, stored)),
        unsaved: foreign.filter(isUnsaved),
        stored,
      }),
    ),
  };
}

/**
 * Returns the newest record of a source: that of the status, or, when the status was lost, that of the processes, which
 * keep theirs in the database. Of two with one revision the more restrictive counts: a row by hand has the revision of
 * the row before it. One of the processes is unshown: the resource may have been restored to before it. It is unless
 * no value of the field can show it.
 */
function knownOf(
  source: OperatorSource,
  stored: readonly SourceStatus[],
  pods: readonly ObservedPod[],
): SourceStatus | undefined {
  const reported = pods
    .flatMap((pod) => reportedSources(pod).filter((each) => each.source === source))
    .map(statusOfSource)
    .map((each) => (valueFor(source, each.state) === undefined ? each : { ...each, unshown: true }));
  return [...stored.filter((each) => each.source === source), ...reported].reduce<SourceStatus | undefined>(
    (newest, each) => (newest === undefined || isNewer(each, newest) ? each : newest),
    undefined,
  );
}

/** Whether the database may not have a request, so that the operator must give it to every process. */
export function isUnsaved({ unsaved }: SourceStatus): boolean {
  return unsaved === true;
}

/**
 * A revision that only adds an author is sent once the status has it. Should the status not be written, the processes
 * would have a request that the resource seems not to have shown.
 */
function storedFirst(record: SourceStatus, stored: readonly SourceStatus[]): SourceStatus {
  const { source, state, revision } = record;
  return stored.find((each) => each.source === source && each.state === state && each.revision < revision) ?? record;
}

interface Requests {
  readonly records: readonly SourceStatus[];
  readonly unsaved: readonly SourceStatus[];
  readonly stored: readonly SourceStatus[];
}

function commandsTo(pod: ObservedPod, { records, unsaved, stored }: Requests): readonly TradingCommand[] {
  const { name, uid, ip, service } = pod;
  if (ip === undefined) return [];
  const reported = reportedSources(pod);
  const reportOf = (record: SourceStatus): SourceState | undefined =>
    reported.find(({ source }) => source === record.source);
  const own = records.filter(
    (record) => isNeeded(record, reportOf(record)) && (!mayLift(record, pod) || isStored(record, stored)),
  );
  // A source of others is lifted by itself only, perhaps while no operator ran: a process is asked first.
  const kept = answers(pod) ? unsaved.filter((record) => isLacking(record, reportOf(record))) : [];
  return [...own, ...kept.map((record) => ({ ...record, copied: true }))]
    .sort((a, b) => TRADING_STATES.indexOf(b.state) - TRADING_STATES.indexOf(a.state))
    .map(({ since: _since, unsaved: _unsaved, unshown: _unshown, ...request }) => ({
      pod: name,
      uid,
      ip,
      service,
      request,
    }));
}

function answers({ answer }: ObservedPod): boolean {
  return answer.kind !== 'Silent';
}

function isLacking(record: SourceStatus, reported: SourceState | undefined): boolean {
  return reported === undefined || isMoreRestrictive(record.state, reported.state);
}

function isNeeded(record: SourceStatus, reported: SourceState | undefined): boolean {
  if (reported === undefined) return true;
  if (isMoreRestrictive(reported.state, record.state)) return record.revision > reported.revision;
  return reported.state !== record.state || record.revision > reported.revision;
}

/** A silent process may hold a more restrictive state than the recorded one. */
function mayLift({ source, state }: SourceStatus, pod: ObservedPod): boolean {
  if (state === 'Halted') return false;
  if (pod.answer.kind === 'Silent') return true;
  const reported = reportedSources(pod).find((each) => each.source === source);
  return reported !== undefined && isMoreRestrictive(reported.state, state);
}

function isStored({ source, state, revision }: SourceStatus, stored: readonly SourceStatus[]): boolean {
  return stored.some((each) => each.source === source && each.state === state && each.revision === revision);
}
