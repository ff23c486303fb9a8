import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type {
  ExecutionStatus,
  PlanStep,
  ReleaseStatus,
  ServiceStatus,
  TierStatus,
  TradingStackStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { RiskStatus } from '../../../api/v1alpha1/trading-stack/rollout/risk-status.ts';
import type { TradingStackSpec } from '../../../api/v1alpha1/trading-stack/spec.ts';
import type { Blocker } from '../rollout/blocker.ts';
import type { TradingView } from '../trading/trading-view.ts';

/** Input of the status. */
export interface Facts {
  readonly generation: number;
  readonly nowMs: number;
  readonly previous: TradingStackStatus;
  /** Undefined if the spec is invalid or not read. */
  readonly spec: TradingStackSpec | undefined;
  readonly suspended: boolean;
  /** Undefined if the release that the spec describes is not known. */
  readonly release: ReleaseStatus | undefined;
  /** Why a rollback that a person asks for is not done. */
  readonly refused: string | undefined;
  readonly tiers: readonly TierStatus[];
  readonly services: readonly ServiceStatus[];
  readonly risk: RiskStatus;
  readonly execution: ExecutionStatus;
  /** Why the active process may not send now. */
  readonly sending: Problem | undefined;
  /** Why no spare could take over from it. */
  readonly spare: Problem | undefined;
  readonly trading: TradingView;
  /** What other writers change repeatedly, which may be why a gate fails. */
  readonly contested: Problem | undefined;
  /** What a process that passes its gates does not serve, such as one pair of several. */
  readonly partial: Problem | undefined;
  /** Blocks the whole stack, before any tier is evaluated. */
  readonly blocker: Blocker | undefined;
  readonly deleting: boolean;
  /** Steps that the present spec causes after this reconcile. */
  readonly plan: readonly PlanStep[];
}
