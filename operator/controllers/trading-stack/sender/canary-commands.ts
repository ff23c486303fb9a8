import type { CanaryDocument } from '../../../../services/shared/contracts/control.ts';
import { statusText } from '../../../api/v1alpha1/status-text.ts';
import type { CanaryStatus } from '../../../api/v1alpha1/trading-stack/rollout/canary.ts';
import type { ExecutionStatus, PlanWait } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf } from '../rollout/colours.ts';
import { newestSender } from '../rollout/swap/sender-role.ts';
import type { SenderCommand } from './choose-sender.ts';
import type { StackSender } from './stack-sender.ts';

type CanaryCommands = Pick<StackSender, 'drain' | 'activate' | 'held'>;

/**
 * Adds the canary of its epoch to an activation. While there is none to send, returns the one that sets or lifts the
 * canary of the process that sends, in the epoch that it holds; only a fresh answer shows what that one has. A process
 * that knows of no canary does not take over: without one, nothing would bound it.
 */
export function commandsWithCanary(
  { drain, activate, held }: CanaryCommands,
  { canary }: ExecutionStatus,
  { pods, mayCommand }: { readonly pods: readonly ObservedPod[]; readonly mayCommand: boolean },
): CanaryCommands {
  if (canary === undefined) return { drain, activate, held };
  if (activate === undefined) return { drain, activate: mayCommand ? changeOf(canary, pods) : undefined, held };
  const target = pods.find(({ uid }) => uid === activate.uid);
  if (canary.state === 'Lifting' || target === undefined || colourOf(target) !== canary.colour)
    return { drain, activate, held };
  if (freshEpoch(target) === undefined) return { drain: undefined, activate: undefined, held: unfit(target) };
  return { drain, activate: { ...activate, canary: documentOf(canary) }, held };
}

function changeOf(canary: CanaryStatus, pods: readonly ObservedPod[]): SenderCommand | undefined {
  const pod = newestSender(pods.filter(({ deleting }) => !deleting));
  if (canary.state === 'Active' || pod === undefined || colourOf(pod) !== canary.colour) return undefined;
  const { name, uid, ip, accepted } = pod;
  const epoch = freshEpoch(pod);
  if (ip === undefined || epoch === undefined || accepted === epoch) return undefined;
  return { pod: name, uid, ip, epoch, ...(canary.state === 'Lifting' ? {} : { canary: documentOf(canary) }) };
}

/** Undefined of an answer that may be outdated, and of a process that knows of no canary. */
function freshEpoch({ answer }: ObservedPod): number | undefined {
  if (answer.kind !== 'Answered' || !answer.fresh) return undefined;
  const { sender } = answer.statusz;
  return sender?.canary === undefined ? undefined : sender.epoch;
}

function unfit({ name }: ObservedPod): PlanWait {
  const problem =
    'runs a release that knows of no canary: roll out a newer one, or set execution.canary.enabled to false';
  return { what: 'Canary', message: statusText(`${name} ${problem}`) };
}

function documentOf({ epoch, maxNotional, symbols }: CanaryStatus): CanaryDocument {
  return { since: epoch, maxNotional, ...(symbols === undefined ? {} : { symbols }) };
}
