import {
  COLOURS,
  type Colour,
  type ColourStatus,
  type ExecutionStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { nearestRole, roleOf } from '../rollout/swap/sender-role.ts';
import { mayRun } from '../trading/reported.ts';
import { colourOf } from '../rollout/colours.ts';
import type { ColourPlan } from './plan-colours.ts';

/** Returns the status of each colour that is assigned a release; what was recorded while the release is not known. */
export function colourStatuses(
  previous: ExecutionStatus | undefined,
  plans: readonly ColourPlan[],
  pods: readonly ObservedPod[],
): Pick<ExecutionStatus, Colour> {
  const statuses = COLOURS.flatMap((colour) => {
    const assigned = plans.find((plan) => plan.colour === colour) ?? assignedBefore(previous?.[colour]);
    if (assigned === undefined) return [];
    const own = pods.filter((pod) => colourOf(pod) === colour && !pod.finished);
    const { release, service, replicas } = assigned;
    const ready = own.filter((pod) => pod.ready && !pod.deleting).length;
    return [[colour, { release, service, state: stateOf(own), ready, desired: replicas }] as const];
  });
  return Object.fromEntries(statuses);
}

function assignedBefore(status: ColourStatus | undefined) {
  return status === undefined ? undefined : { ...status, replicas: status.desired };
}

/** That of the pod which is nearest to sending. */
function stateOf(pods: readonly ObservedPod[]): ColourStatus['state'] {
  const nearest = nearestRole(pods);
  if (nearest === 'active' || nearest === 'activating') return nearest;
  if (pods.some((pod) => roleOf(pod) === undefined && mayRun(pod))) return 'Unknown';
  return nearest ?? (pods.length === 0 ? 'absent' : 'warming');
}
