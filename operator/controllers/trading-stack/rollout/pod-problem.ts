import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { ObservedPod } from '../observe/observation.ts';

/**
 * Why a pod does not work, as Kubernetes reports it: it waits for something that will not resolve on its own, or its
 * process has ended, and no process has shown since that it stays up. How the process ended is preferred to
 * "CrashLoopBackOff". An answer or readiness just after a restart proves nothing.
 */
export function podProblem(pod: ObservedPod): Problem | undefined {
  const { waiting, ended, endedRecently, ready, succeeded, answer, deleting } = pod;
  if (succeeded || deleting) return undefined;
  if (waiting !== undefined) return waiting.reason === 'CrashLoopBackOff' ? (ended ?? waiting) : waiting;
  return endedRecently || (!ready && answer.kind === 'Silent') ? ended : undefined;
}
