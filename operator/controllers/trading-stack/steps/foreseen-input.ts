import type { ExecutionStatus, PlanWait, ReleaseStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { ActiveDecision } from '../activation/choose-active.ts';
import type { Observation } from '../observe/observation.ts';
import type { Plan } from '../plan.ts';
import type { Rollout } from '../roll-out.ts';
import type { ColourPlan } from '../sender/plan-colours.ts';
import type { Writes } from './object-changes.ts';

/** What was observed, and what is decided of it now. */
export interface ForeseenInput {
  readonly observation: Observation;
  readonly plan: Plan;
  readonly rollout: Rollout;
  /** Status of the releases after this reconcile; undefined while the stack is blocked. */
  readonly releases: ReleaseStatus | undefined;
  readonly writes: Writes;
  readonly execution: ExecutionStatus;
  /** Why the process that is to send is not activated although it is ready. */
  readonly held: PlanWait | undefined;
  /** Which release of risk decides, and why another one is not activated although it is ready. */
  readonly active: Omit<ActiveDecision, 'activate'>;
  /** Colours of the sender once the tier of the sender is rolled out. */
  readonly coloursOf: (release: Release) => readonly ColourPlan[];
}
