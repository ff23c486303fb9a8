import type { Problem } from '../../../../services/shared/domain/problem.ts';

/** The one problem that blocks a stack, as reported in `status.blockedBy`. */
export interface Blocker extends Problem {
  /** `tier/gate service`, or another name of the blocked object. */
  readonly subject: string;
  /** Whether only a change of the object can resolve it. Otherwise it may resolve on its own. */
  readonly stalls: boolean;
}
