import type { ExecutionStatus, Transition } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf } from '../rollout/colours.ts';
import { heldEpoch, roleOf } from '../rollout/swap/sender-role.ts';
import { readyIn } from './ready-sender.ts';
import type { SwapTerms } from './swap-terms.ts';

/**
 * Returns the process that takes over again once a swap is taken back before its new sender sent: the one that handed
 * over, or a new one of its colour that passes its gates. Undefined while there is none, or no swap is taken back.
 */
export function returningSender(
  previous: ExecutionStatus | undefined,
  pods: readonly ObservedPod[],
  { to, mayTakeOver }: SwapTerms,
): ObservedPod | undefined {
  if (!isTakenBack(previous?.transition, to)) return undefined;
  const standby = pods.filter((pod) => roleOf(pod) === 'standby');
  return readyIn(to, standby, previous) ?? (mayTakeOver ? readyIn(to, pods, previous) : undefined);
}

/**
 * Whether a process that is being activated is not waited for any more: its swap is taken back, or the other colour is
 * chosen in a higher epoch. The fence refuses it from then on, whatever it still does.
 */
export function isGivenUp(pod: ObservedPod, transition: Transition | undefined, { to }: SwapTerms): boolean {
  if (transition === undefined) return false;
  if (transition.to === colourOf(pod)) return isTakenBack(transition, to);
  return heldEpoch(pod) < transition.epoch;
}

/** Whether the colour that is to send is the one that handed over to the other. */
function isTakenBack(transition: Transition | undefined, to: SwapTerms['to']): boolean {
  return transition?.from === to && transition.to !== to;
}
