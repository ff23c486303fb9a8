import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Observation } from '../observe/observation.ts';
import { commandsTo, type TradingCommand } from './commands-to.ts';
import { foreignSources } from './foreign-sources.ts';
import { knownOf } from './requests/known-request.ts';
import { storedFirst } from './needed-request.ts';
import { recordRequest } from './requests/record-request.ts';
import { carriesTradingState } from './reported.ts';
import { requestsOf, SWAP_SOURCE } from './requests/requests.ts';
import { swapRequest } from './requests/swap-request.ts';

/** What the resource requests and a swap needs, and what to send to which process. */
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
    recordRequest(knownOf(request.source, stack, carriers), request, nowMs),
  );
  const swap = swapRequest(knownOf(SWAP_SOURCE, stack, carriers), stack.status.execution?.flat, nowMs);
  const records = [...recorded.flatMap(({ record }) => record ?? []), ...(swap === undefined ? [] : [swap])];
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

/** Whether the database may not have a request, so that the operator must give it to every process. */
export function isUnsaved({ unsaved }: SourceStatus): boolean {
  return unsaved === true;
}
