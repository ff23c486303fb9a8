import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { ActivationOutcome } from './post-activate.ts';
import type { Problem } from '../controllers/trading-stack/observe/observation.ts';
import type { Activate } from '../controllers/trading-stack/sender/choose-sender.ts';

/** Why the latest activation of each pod came to nothing, for the status of the next look. At most that of each pod asked lately. */
export interface ActivationMemory {
  note(command: Activate, outcome: ActivationOutcome): void;
  /** By the pod's uid. */
  problemOf(uid: string): Problem | undefined;
}

/** Longer than the time between two requests to a sender that stays armed. */
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
    note: ({ pod, uid, epoch }, outcome) => {
      problems.delete(uid);
      const problem = problemOf(outcome);
      if (problem === undefined) return;
      const message = `${pod} was to send in epoch ${epoch}: ${problem.message}`;
      problems.set(uid, { reason: problem.reason, message, atMs: clock.monotonicMs() });
    },
    problemOf: (uid) => {
      forget();
      const known = problems.get(uid);
      return known === undefined ? undefined : { reason: known.reason, message: known.message };
    },
  };
}

/** Whoever lost the lease writes no status, and so needs none of it. */
function problemOf(outcome: ActivationOutcome): Problem | undefined {
  switch (outcome.kind) {
    case 'Refused':
      return { reason: 'ActivationRefused', message: `it refused: ${outcome.reason}` };
    case 'Unanswered':
      return { reason: 'ActivationUnanswered', message: `no answer: ${outcome.reason}` };
    default:
      return undefined;
  }
}
