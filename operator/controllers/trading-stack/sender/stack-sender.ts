import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { ExecutionStatus, PlanWait, SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';
import { reportsRequest } from '../trading/reported.ts';
import { decideSender, type SenderCommand, type SenderDecision, type SenderRecord } from './choose-sender.ts';
import { activeSender } from '../rollout/swap/judge-sender.ts';
import { takeoverAfter } from './takeover.ts';
import { colourStatuses } from './colour-status.ts';
import { swapAfter } from './last-swap.ts';
import { missingSpare } from './missing-spare.ts';
import type { ColourPlan } from './plan-colours.ts';
import type { SwapTerms } from './swap-terms.ts';

export interface SenderInput extends SwapTerms {
  readonly colours: readonly ColourPlan[];
  /** Whether the spec can be read and asks for neither suspension nor deletion. */
  readonly mayActivate: boolean;
  /** Latest request of each source of the trading state. A process is activated only once it reports them. */
  readonly requested: readonly SourceStatus[];
}

export interface StackSender {
  readonly execution: ExecutionStatus;
  readonly drain: SenderCommand | undefined;
  readonly activate: SenderCommand | undefined;
  /** Why the process that is to send is not activated although it is ready. */
  readonly held: PlanWait | undefined;
  /** Why the active process may not send now; undefined if it may, if it is halted, or if no process is active. */
  readonly sending: Problem | undefined;
  /** Why no pod could take over from the one that sends, although one is wanted for it. */
  readonly spare: Problem | undefined;
}

/** An older cache may show a stack without its halt, its suspension or its deletion. */
const STACK_MAX_AGE_MS = 60_000;

/** Whether the cache is recent enough for a process to be activated. */
export function isRecent({ stackAgeMs }: Pick<Observation, 'stackAgeMs'>): boolean {
  return stackAgeMs <= STACK_MAX_AGE_MS;
}

/**
 * Chooses the sender of a stack. It is observed whatever blocks the rollout, and activated only if the stack is
 * known to ask for it: never for a spec that cannot be read, an old cache, or a process that does not report the
 * requested trading state yet.
 */
export function decideStackSender(observation: Observation, input: SenderInput): StackSender {
  const { mayActivate, requested, colours, to, mayTakeOver } = input;
  const { stack, nowMs } = observation;
  const previous = stack.status.execution;
  const pods = observation.pods.filter(({ service }) => catalogueRow(service).update === 'Fenced');
  const sender = decideSender(previous, pods, { to, mayTakeOver, nowMs });
  const sending = whyNotSending(pods);
  const observed = {
    ...colourStatuses(previous, colours, pods),
    ...swapAfter(previous, sender.execution, { pods, nowMs }),
  };
  const takesNone = !mayActivate || !isRecent(observation);
  const record = takesNone ? withoutNewEpoch(previous, sender) : sender.execution;
  const { transition } = record;
  const execution = { ...record, ...observed, ...takeoverAfter(previous, { transition, pods, nowMs }) };
  const spare = missingSpare(execution, pods);
  const none = { drain: undefined, activate: undefined, held: undefined, sending, spare };
  if (takesNone) return { ...none, execution };
  const target = pods.find(({ uid }) => uid === sender.activate?.uid);
  if (target === undefined) return { ...none, execution };
  const unheard = requested.find((record) => !reportsRequest(target, record));
  if (unheard !== undefined) return { ...none, execution, held: unheardBy(target, unheard) };
  return { ...none, execution, drain: sender.drain, activate: sender.activate };
}

function unheardBy({ name }: ObservedPod, { source, state }: SourceStatus): PlanWait {
  return { what: 'Halt', message: `${name} does not report ${state}, which ${source} requests` };
}

/** While no activation may be sent, no new epoch is recorded either. */
function withoutNewEpoch(previous: ExecutionStatus | undefined, { execution }: SenderDecision): SenderRecord {
  const { transition: _new, ...observed } = execution;
  const transition = previous?.transition;
  return { ...observed, ...(transition === undefined ? {} : { transition }) };
}

/** A halt is not a problem of the sender. */
function whyNotSending(pods: readonly ObservedPod[]): Problem | undefined {
  const { maySend, obstacle } = activeSender(pods) ?? {};
  if (maySend !== false || obstacle === null || obstacle === undefined) return undefined;
  return obstacle.reason === 'Halted' ? undefined : { reason: obstacle.reason, message: obstacle.message };
}
