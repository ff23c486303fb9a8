import type { V1Pod } from '@kubernetes/client-node';
import { CATALOGUE, catalogueRow, type ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import { RELEASE_ANNOTATION, SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { Stored, Wire } from '../../../kube/client/resource.ts';
import type { PodAnswer } from '../../../pods/pod-answer.ts';
import type { PodTarget } from '../../../pods/pod-target.ts';
import { problemOf } from './condition.ts';
import { endedProblem, endedRecently, type ContainerStatus } from './container-end.ts';
import type { ObservedPod } from './observation.ts';

export type StoredPod = Stored<Wire<V1Pod>>;

/** Outcome of the last activation of a pod. */
export interface LastActivation {
  readonly problem: Problem | undefined;
  readonly accepted: number | undefined;
}

const NO_ACTIVATION: LastActivation = { problem: undefined, accepted: undefined };

/** Returns the facts of a pod at a time in UTC milliseconds; undefined if the pod belongs to no service. */
export function observePod(
  pod: StoredPod,
  answer: PodAnswer,
  nowMs: number,
  activation: LastActivation = NO_ACTIVATION,
): ObservedPod | undefined {
  const service = serviceOfPod(pod);
  if (service === undefined) return undefined;
  const { metadata, status = {} } = pod;
  return {
    name: metadata.name,
    uid: metadata.uid,
    service,
    labels: metadata.labels ?? {},
    release: metadata.annotations?.[RELEASE_ANNOTATION] ?? '',
    ip: status.podIP,
    deleting: metadata.deletionTimestamp !== undefined,
    ...kubeletReport(status, service, nowMs),
    answer,
    activation: activation.problem,
    accepted: activation.accepted,
    command: undefined,
  };
}

type KubeletReport = Pick<
  ObservedPod,
  'ready' | 'started' | 'succeeded' | 'finished' | 'waiting' | 'ended' | 'endedRecently'
>;

/** The container of a pod has the name of its service; others may be injected. */
function kubeletReport(status: NonNullable<StoredPod['status']>, service: ServiceName, nowMs: number): KubeletReport {
  const { phase, containerStatuses = [] } = status;
  const container = containerStatuses.find(({ name }) => name === service);
  return {
    ready: problemOf(status, 'Ready') !== undefined,
    started: container?.started ?? true,
    succeeded: phase === 'Succeeded',
    finished: phase === 'Succeeded' || phase === 'Failed',
    waiting:
      initProblem(status, container) ??
      waitingContainer(container) ??
      problemOf(status, 'PodScheduled', 'False') ??
      failedPod(status),
    ended: endedProblem(container, catalogueRow(service).update === 'Job'),
    endedRecently: endedRecently(container, nowMs),
  };
}

/** Whether the process has neither answered nor failed to answer yet. */
export function isPending({ answer }: ObservedPod): boolean {
  return answer.kind === 'Silent' && answer.pending === true;
}

/** Returns where the process of a pod answers; undefined if the pod belongs to no service. */
export function podTarget(pod: StoredPod): PodTarget | undefined {
  const service = serviceOfPod(pod);
  if (service === undefined) return undefined;
  const { podIP, phase } = pod.status ?? {};
  return {
    uid: pod.metadata.uid,
    service,
    ip: phase === 'Running' ? podIP : undefined,
    ready: problemOf(pod.status ?? {}, 'Ready') !== undefined,
  };
}

function serviceOfPod({ metadata }: StoredPod): ServiceName | undefined {
  const label = metadata.labels?.[SERVICE_LABEL];
  return CATALOGUE.find(({ name }) => name === label)?.name;
}

/** Waiting reasons of an ordinary start. */
const ORDINARY = new Set(['ContainerCreating', 'PodInitializing']);

function waitingContainer(container: ContainerStatus | undefined): Problem | undefined {
  const { reason = '', message = '' } = container?.state?.waiting ?? {};
  return reason === '' || ORDINARY.has(reason) ? undefined : { reason, message };
}

/** The pod was evicted or its node was lost. */
function failedPod({
  phase,
  reason = 'PodFailed',
  message = '',
}: NonNullable<StoredPod['status']>): Problem | undefined {
  return phase === 'Failed' ? { reason, message } : undefined;
}

/** An init container that keeps the others from starting. A sidecar among them runs, and keeps nothing. */
function initProblem(
  { initContainerStatuses = [] }: NonNullable<StoredPod['status']>,
  container: ContainerStatus | undefined,
): Problem | undefined {
  const { running, terminated } = container?.state ?? {};
  if (running !== undefined || terminated !== undefined) return undefined;
  const [problem] = initContainerStatuses.flatMap((init) => {
    const found = blockingProblem(init);
    return found === undefined ? [] : [{ ...found, message: `init container ${init.name}: ${found.message}` }];
  });
  return problem;
}

function blockingProblem(init: ContainerStatus): Problem | undefined {
  if (init.state?.running !== undefined) return undefined;
  const waiting = waitingContainer(init);
  const ended = endedProblem(init, true);
  return waiting?.reason === 'CrashLoopBackOff' ? (ended ?? waiting) : (waiting ?? ended);
}
