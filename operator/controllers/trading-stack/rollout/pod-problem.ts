import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { ObservedPod } from '../observe/observation.ts';

/**
 * Why a pod does not work, as Kubernetes reports it: it waits for something that will not resolve on its own, or its
 * process failed and has not answered since. The termination message of the process is preferred to "CrashLoopBackOff".
 */
export function podProblem({ waiting, ended, ready, succeeded, answer, deleting }: ObservedPod): Problem | undefined {
  if (succeeded || deleting) return undefined;
  if (waiting !== undefined) return waiting.reason === 'CrashLoopBackOff' ? (ended ?? waiting) : waiting;
  return !ready && answer.kind === 'Silent' ? ended : undefined;
}
