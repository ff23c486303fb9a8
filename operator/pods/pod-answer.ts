import type { Statusz } from '../../services/shared/contracts/statusz.ts';

/** The process answered with its status, or the last answer of a ready pod is still valid. */
export interface Answered {
  readonly kind: 'Answered';
  readonly statusz: Statusz;
  /** Milliseconds since the answer was received. */
  readonly ageMs: number;
  /** Whether it is the last answer of a process that answers. An older one may come from a process that has ended. */
  readonly fresh: boolean;
  /** Of the sender only: requests in a row that failed since. Absent: none. */
  readonly missed?: number;
  /** Of the sender only: so many failed that another process may take over from it. */
  readonly lost?: true;
}

/** The process did not answer, with the cause. */
export interface Silent {
  readonly kind: 'Silent';
  readonly message: string;
  /** The first request to it has not ended: nothing is known yet. */
  readonly pending?: true;
  /** Of the sender only: requests in a row that failed. Absent: it was not asked. */
  readonly missed?: number;
  /** Of the sender only: so many failed that another process may take over from it. */
  readonly lost?: true;
}

/** Status reported by the process in a pod, or why it did not answer. */
export type PodAnswer = Answered | Silent;
