import type { Statusz } from '../../services/shared/contracts/statusz.ts';

/** The process answered with its status, or the last answer of a ready pod is still valid. */
export interface Answered {
  readonly kind: 'Answered';
  readonly statusz: Statusz;
  /** Age of the answer; 0 if it was read in this reconcile. */
  readonly ageMs: number;
}

/** The process did not answer, with the cause. */
export interface Silent {
  readonly kind: 'Silent';
  readonly message: string;
}

/** Status reported by the process in a pod, or why it did not answer. */
export type PodAnswer = Answered | Silent;
