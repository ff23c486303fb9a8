import type { V1Pod } from '@kubernetes/client-node';
import { CATALOGUE, type ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import { RELEASE_ANNOTATION, SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { Stored, Wire } from '../../../kube/client/resource.ts';
import type { PodAnswer } from '../../../pods/pod-answer.ts';
import type { PodTarget } from '../../../pods/read-statusz.ts';
import { problemOf } from './condition.ts';
import type { ObservedPod } from './observation.ts';

export type StoredPod = Stored<Wire<V1Pod>>;
type ContainerStatus = NonNullable<NonNullable<StoredPod['status']>['containerStatuses']>[number];

/** Returns the facts of a pod; undefined if the pod belongs to no service. */
export function observePod(pod: StoredPod, answer: PodAnswer, activation?: Problem): ObservedPod | undefined {
  const service = serviceOfPod(pod);
  if (service === undefined) return undefined;
  const { metadata, status = {} } = pod;
  const [container] = status.containerStatuses ?? [];
  return {
    name: metadata.name,
    uid: metadata.uid,
    service,
    labels: metadata.labels ?? {},
    release: metadata.annotations?.[RELEASE_ANNOTATION] ?? '',
    ip: status.podIP,
    deleting: metadata.deletionTimestamp !== undefined,
    ready: problemOf(status, 'Ready') !== undefined,
    succeeded: status.phase === 'Succeeded',
    finished: status.phase === 'Succeeded' || status.phase === 'Failed',
    waiting: waitingContainer(container) ?? problemOf(status, 'PodScheduled', 'False') ?? failedPod(status),
    ended: endedProblem(container),
    answer,
    activation,
  };
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

/** The line of a log tail that names the error. */
const ERROR_LINE = /^\w*Error: .+$/m;
/** `Reason: message`, as services write it to their termination log. */
const TERMINATION_MESSAGE = /^([A-Z][A-Za-z0-9]{2,60}): (.+)$/s;

function endedProblem(container: ContainerStatus | undefined): Problem | undefined {
  const ended = container?.state?.terminated ?? container?.lastState?.terminated;
  return ended === undefined || ended.exitCode === 0 ? undefined : exitProblem(ended);
}

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

function exitProblem({ reason = 'Error', message = '', exitCode }: Ended): Problem {
  const [, ownReason, ownMessage] = TERMINATION_MESSAGE.exec(message.trim()) ?? [];
  if (ownReason !== undefined && ownMessage !== undefined) return { reason: ownReason, message: ownMessage };
  const [errorLine = message.trim()] = ERROR_LINE.exec(message) ?? [];
  return { reason, message: `exit code ${exitCode}${errorLine === '' ? '' : `: ${errorLine}`}` };
}
