import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { roleOf } from '../rollout/gates.ts';
import { mayRun } from '../trading/reported.ts';
import { colourOf } from './colours.ts';
import type { ObservedPod } from '../observe/observation.ts';

/** Command to a process to raise the fence to this epoch and send orders. */
export interface Activate {
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  readonly epoch: number;
}

export interface SenderDecision {
  readonly execution: ExecutionStatus;
  readonly activate: Activate | undefined;
}

/**
 * Decides which process should send orders. An armed process gets an epoch above every one seen. The epoch is recorded
 * in the status before the request is sent, so that an operator that takes over asks for the same one. The fence in
 * the database decides which process may send: even two operators that ask for two epochs result in one sender.
 *
 * States of a stack: no process active -> transition recorded -> activation requested (repeated until the process
 * reports progress) -> active.
 */
export function decideSender(
  previous: ExecutionStatus | undefined,
  all: readonly ObservedPod[],
  nowMs: number,
): SenderDecision {
  const seen = Math.max(previous?.epoch ?? 0, ...all.map(highestEpoch));
  const pods = all.filter(({ deleting }) => !deleting);
  const inRole = (role: string): ObservedPod | undefined => pods.find((pod) => roleOf(pod) === role);
  const active = activeOf(all);
  if (inRole('active') !== undefined) return { execution: { active, epoch: seen }, activate: undefined };
  const execution: ExecutionStatus = { active, epoch: seen, ...transitionOf(previous) };
  // A process that is activating is not touched, because a second epoch would fence it.
  const armed = inRole('activating') === undefined ? pods.find(isFreshlyArmed) : undefined;
  if (armed === undefined) return { execution, activate: undefined };
  return decideArmed(execution, armed, nowMs);
}

/**
 * Returns the colour of the process that reports that it sends, even in a pod that is terminating. While a process
 * that may run does not answer, nobody knows whether it sends.
 */
function activeOf(pods: readonly ObservedPod[]): ExecutionStatus['active'] {
  const running = pods.filter(({ finished }) => !finished);
  const active = running.find((pod) => roleOf(pod) === 'active');
  if (active !== undefined) return colourOf(active);
  return running.some((pod) => roleOf(pod) === undefined && mayRun(pod)) ? 'Unknown' : 'none';
}

function decideArmed(execution: ExecutionStatus, armed: ObservedPod, nowMs: number): SenderDecision {
  const { transition, epoch } = execution;
  const spent = transition === undefined || highestEpoch(armed) >= transition.epoch;
  if (spent) {
    // The fence was raised for a process that has ended, so its epoch cannot be used again.
    const next = { to: colourOf(armed), epoch: epoch + 1, startedAt: new Date(nowMs).toISOString() };
    return { execution: { ...execution, transition: next }, activate: undefined };
  }
  const { ip, name, uid, accepted } = armed;
  if (accepted === transition.epoch) return { execution, activate: undefined };
  return { execution, activate: ip === undefined ? undefined : { pod: name, uid, ip, epoch: transition.epoch } };
}

function transitionOf(previous: ExecutionStatus | undefined): Pick<ExecutionStatus, 'transition'> {
  return previous?.transition === undefined ? {} : { transition: previous.transition };
}

/** Armed according to a recent answer. An older answer may come from a process that has ended. */
function isFreshlyArmed(pod: ObservedPod): boolean {
  return roleOf(pod) === 'armed' && pod.answer.kind === 'Answered' && pod.answer.fresh;
}

function highestEpoch({ answer }: ObservedPod): number {
  const sender = answer.kind === 'Answered' ? answer.statusz.sender : undefined;
  return Math.max(sender?.fenceEpoch ?? 0, sender?.epoch ?? 0);
}
