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
 * Remembers the outcome of the last activation of each pod: why it failed, for the status of the next reconcile, or
 * that it was accepted, so that it is not repeated before the process is asked again. Holds at most one outcome per
 * recently activated pod.
 */
export interface ActivationMemory {
  note(attempt: ActivationAttempt, outcome: ActivationOutcome): void;
  /** By UID of the pod. */
  problemOf(uid: string): Problem | undefined;
  /** Returns the epoch that the pod accepted a moment ago. */
  acceptedBy(uid: string): number | undefined;
}

/** Longer than the interval between two activations of a sender that stays armed. */
const KEEP_MS = 15_000;

/** Longer than the interval at which processes are asked. A process that still reports armed then is asked again. */
const ACCEPTED_MS = 2_000;

export function createActivationMemory({ clock }: { readonly clock: Clock }): ActivationMemory {
  const problems = new Map<string, Problem & { readonly atMs: number }>();
  const accepted = new Map<string, { readonly epoch: number; readonly atMs: number }>();

  function forget(): void {
    const nowMs = clock.monotonicMs();
    for (const [uid, { atMs }] of problems) {
      if (nowMs - atMs > KEEP_MS) problems.delete(uid);
    }
    for (const [uid, { atMs }] of accepted) {
      if (nowMs - atMs > ACCEPTED_MS) accepted.delete(uid);
    }
  }

  return {
    note: (attempt, outcome) => {
      const { uid } = attempt;
      problems.delete(uid);
      accepted.delete(uid);
      if (outcome.kind === 'Accepted') accepted.set(uid, { epoch: attempt.epoch, atMs: clock.monotonicMs() });
      const problem = problemOf(attempt, outcome);
      if (problem !== undefined) problems.set(uid, { ...problem, atMs: clock.monotonicMs() });
    },
    problemOf: (uid) => {
      forget();
      const known = problems.get(uid);
      return known === undefined ? undefined : { reason: known.reason, message: known.message };
    },
    acceptedBy: (uid) => {
      forget();
      return accepted.get(uid)?.epoch;
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
