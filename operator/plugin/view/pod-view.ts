import { COLOUR_LABEL, SERVICE_LABEL } from '../../api/v1alpha1/labels.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import type { Part } from './part.ts';

/** What the API server knows of a pod. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly service: string;
  readonly colour: string | undefined;
  /** As kubectl shows it: the phase, Terminating, or why a container waits. */
  readonly state: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly ageMs: number;
  /** Why a container waits or ended; empty if it runs. */
  readonly problem: string;
  /** Whether its process can be asked: the pod has an address and runs. */
  readonly answers: boolean;
}

/** A pod, with what its process reports of itself; undefined where there is no process to ask. */
export interface PodView extends PodFacts {
  readonly statusz?: Part<Statusz>;
}

interface Ended {
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: Ended;
}

interface ContainerStatus {
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

/** Members of a Pod that are read. */
export interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export function podFactsOf({ metadata, status = {} }: PodObject, nowMs: number): PodFacts {
  const { name, uid, labels = {}, creationTimestamp, deletionTimestamp } = metadata;
  const containers = status.containerStatuses ?? [];
  const createdMs = creationTimestamp === undefined ? nowMs : Date.parse(creationTimestamp);
  return {
    name,
    uid,
    service: labels[SERVICE_LABEL] ?? '',
    colour: labels[COLOUR_LABEL],
    state: deletionTimestamp === undefined ? stateOf(status) : 'Terminating',
    ready: containers.length > 0 && containers.every(({ ready }) => ready),
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ageMs: nowMs - createdMs,
    problem: problemOf(status),
    answers: mayAnswer(status),
  };
}

function mayAnswer({ phase, podIP = '' }: PodStatus): boolean {
  return phase === 'Running' && podIP !== '';
}

type PodStatus = NonNullable<PodObject['status']>;

function stateOf({ phase = 'Unknown', reason, containerStatuses = [] }: PodStatus): string {
  const [waiting] = containerStatuses.flatMap(({ state }) => state?.waiting?.reason ?? []);
  return waiting ?? reason ?? phase;
}

/** Of the first container that has one, else of the pod. */
function problemOf({ containerStatuses = [], conditions = [], message = '', phase }: PodStatus): string {
  const [problem] = containerStatuses.flatMap((container) => containerProblem(container) ?? []);
  if (problem !== undefined) return problem;
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return phase === 'Pending' ? (unscheduled?.message ?? message) : message;
}

/**
 * The end of the process before says more than "back-off 5m0s restarting failed container". It says nothing of a
 * process that is ready since.
 */
function containerProblem({ ready, state = {}, lastState = {} }: ContainerStatus): string | undefined {
  const { waiting, running, terminated } = state;
  const before = lastState.terminated && endOf(lastState.terminated);
  if (waiting !== undefined) return [before, waiting.message].filter((part) => (part ?? '') !== '').join('; ');
  if (running !== undefined) return ready || before === undefined ? undefined : `before, ${before}`;
  return terminated === undefined || terminated.exitCode === 0 ? undefined : endOf(terminated);
}

function endOf({ reason = 'Error', exitCode, message = '' }: Ended): string {
  const last = (message.trim().split('\n').at(-1) ?? '').slice(0, 300);
  return `the process ended: ${reason}, exit code ${exitCode ?? 'unknown'}${last === '' ? '' : `: ${last}`}`;
}
