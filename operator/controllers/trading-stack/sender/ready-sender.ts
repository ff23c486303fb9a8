import type { Colour, ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf } from '../rollout/colours.ts';
import { roleOf } from '../rollout/swap/sender-role.ts';

/** The one that was chosen before, if it is still ready; otherwise one that need not wait for its first rehearsal. */
export function readyIn(
  colour: Colour,
  pods: readonly ObservedPod[],
  previous: Pick<ExecutionStatus, 'transition'> | undefined,
): ObservedPod | undefined {
  const ready = pods.filter((pod) => colourOf(pod) === colour && isReadyToSend(pod));
  const chosen = ready.find(({ name }) => name === previous?.transition?.pod);
  return chosen ?? ready.find(isRehearsed) ?? ready[0];
}

function isRehearsed({ answer }: ObservedPod): boolean {
  return answer.kind === 'Answered' && answer.statusz.sender?.rehearsed === true;
}

/** Able to send according to a recent answer. An older answer may come from a process that has ended. */
export function isReadyToSend(pod: ObservedPod): boolean {
  const role = roleOf(pod);
  return (role === 'armed' || role === 'standby') && pod.answer.kind === 'Answered' && pod.answer.fresh;
}
