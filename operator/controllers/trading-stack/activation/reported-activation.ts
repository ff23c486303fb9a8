import { ACTIVATION_CHECK, type ActivationStatus } from '../../../../services/shared/contracts/statusz.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { mayRun } from '../trading/reported.ts';

/** The row as the process that read it last reports it: each change raises its epoch. */
export function newestReading(pods: readonly ObservedPod[]): ActivationStatus | undefined {
  return pods.flatMap((pod) => activationOf(pod) ?? []).toSorted((a, b) => b.epoch - a.epoch)[0];
}

/** A process that has not read the newest row yet may decide by it, and one that reports nothing of it may anyway. */
export function deciderIn(
  pods: readonly ObservedPod[],
  row: ActivationStatus | undefined,
): { readonly active: string; readonly pod?: string } {
  const decider = pods.find((pod) => {
    const activation = activationOf(pod);
    return activation?.role === 'active' && activation.epoch === row?.epoch;
  });
  if (decider !== undefined) return { active: row?.release ?? 'none', pod: decider.name };
  const mayDecide = pods.some((pod) => mayRun(pod) && (activationOf(pod) === undefined || runs(pod, row?.release)));
  return { active: mayDecide ? 'Unknown' : 'none' };
}

/** Whether a recent answer shows that the process could decide. An older one may come from a process that has ended. */
export function isArmed(pod: ObservedPod, wanted: string, skipsChecks: boolean): boolean {
  const { answer, deleting } = pod;
  if (deleting || answer.kind !== 'Answered' || !answer.fresh) return false;
  const { release, checks } = answer.statusz;
  if (release !== wanted || activationOf(pod)?.role !== 'armed') return false;
  return skipsChecks || checks.every(({ name, ok }) => ok || name === ACTIVATION_CHECK);
}

export function runs({ release, answer }: ObservedPod, hash: string | null | undefined): boolean {
  return (answer.kind === 'Answered' ? answer.statusz.release : release) === hash;
}

function activationOf({ answer }: ObservedPod): ActivationStatus | undefined {
  return answer.kind === 'Answered' ? answer.statusz.activation : undefined;
}
