import type { ObservedPod, Problem } from '../observe/observation.ts';

/**
 * What keeps a pod from working, as Kubernetes tells it: it waits for something that will not come by itself, or its process ended
 * with a failure and has not been heard of since. The process's own last words are worth more than "CrashLoopBackOff".
 */
export function podProblem({ waiting, ended, ready, succeeded, answer, deleting }: ObservedPod): Problem | undefined {
  if (succeeded || deleting) return undefined;
  if (waiting !== undefined) return waiting.reason === 'CrashLoopBackOff' ? (ended ?? waiting) : waiting;
  return !ready && answer.kind === 'Silent' ? ended : undefined;
}
