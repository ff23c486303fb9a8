import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { Problem } from '../../services/shared/domain/problem.ts';
import type { ActivationOutcome } from './post-activate.ts';

/** An activation that was requested, by pod and epoch. */
export interface ActivationAttempt {
  readonly pod: string;
  readonly uid: string;
  readonly epoch: number;
}

/**
 * Remembers why the last activation of each pod failed, for the status of the next reconcile. Holds at most one problem
 * per recently activated pod.
 */
export interface ActivationMemory {
  note(attempt: ActivationAttempt, outcome: ActivationOutcome): void;
  /** By UID of the pod. */
  problemOf(uid: string): Problem | undefined;
}

/** Longer than the interval between two activations of a sender that stays armed. */
const KEEP_MS = 15_000;

export function createActivationMemory({ clock }: { readonly clock: Clock }): ActivationMemory {
  const problems = new Map<string, Problem & { readonly atMs: number }>();

  function forget(): void {
    const nowMs = clock.monotonicMs();
    for (const [uid, { atMs }] of problems) {
      if (nowMs - atMs > KEEP_MS) problems.delete(uid);
    }
  }

  return {
    note: (attempt, outcome) => {
      const { uid } = attempt;
      problems.delete(uid);
      const problem = problemOf(attempt, outcome);
      if (problem !== undefined) problems.set(uid, { ...problem, atMs: clock.monotonicMs() });
    },
    problemOf: (uid) => {
      forget();
      const known = problems.get(uid);
      return known === undefined ? undefined : { reason: known.reason, message: known.message };
    },
  };
}

/** An operator that lost the lease writes no status, so LeaseLost is not a problem to remember. */
function problemOf({ pod, epoch }: ActivationAttempt, outcome: ActivationOutcome): Problem | undefined {
  switch (outcome.kind) {
    case 'Refused':
      return { reason: 'ActivationRefused', message: `${pod} refused activation in epoch ${epoch}: ${outcome.reason}` };
    case 'Unanswered':
      return {
        reason: 'ActivationUnanswered',
        message: `${pod} did not answer activation in epoch ${epoch}: ${outcome.reason}`,
      };
    default:
      return undefined;
  }
}
