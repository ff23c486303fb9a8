import type { SenderRole } from '../../../../../services/shared/contracts/statusz.ts';
import type { ObservedPod } from '../../observe/observation.ts';

export function roleOf({ answer }: ObservedPod): SenderRole | undefined {
  return answer.kind === 'Answered' ? answer.statusz.sender?.role : undefined;
}

/** Epoch that a process reports to hold; 0 without one. */
export function heldEpoch({ answer }: ObservedPod): number {
  return answer.kind === 'Answered' ? (answer.statusz.sender?.epoch ?? 0) : 0;
}

/** The process that reports that it sends; of several the one in the highest epoch, because the others are outdated. */
export function newestSender(pods: readonly ObservedPod[]): ObservedPod | undefined {
  return pods.filter((pod) => roleOf(pod) === 'active').toSorted((a, b) => heldEpoch(b) - heldEpoch(a))[0];
}

/** The role of the process that is nearest to sending, of several. */
export function nearestRole(pods: readonly ObservedPod[]): SenderRole | undefined {
  const roles = new Set(pods.map(roleOf));
  return NEAREST.find((role) => roles.has(role));
}

const NEAREST: readonly SenderRole[] = ['active', 'activating', 'draining', 'standby', 'armed', 'warming', 'fenced'];

/** Whether a process that reported that it holds the fence has answered none of the last requests. */
export function isLostSender(pod: ObservedPod): boolean {
  const role = roleOf(pod);
  return (role === 'active' || role === 'activating' || role === 'draining') && pod.answer.lost === true;
}
