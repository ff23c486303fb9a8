/**
 * Types of `status.conditions`, each with its meaning when True. Ready, Reconciling and Stalled follow kstatus, so that
 * `kubectl wait`, Argo CD and Flux understand the resource.
 */
export const CONDITION_TYPES = {
  Ready: 'All tiers run the desired release and pass their gates.',
  Reconciling: 'The operator is rolling out the spec or deleting the stack.',
  Stalled: 'The rollout cannot make progress without a change; the reason names the cause.',
  Available:
    'The stack trades, in the desired release or an earlier one: the sender is active and market data is fresh.',
  Halted: 'No new orders are sent because spec.halt is true.',
  Degraded: 'A service in a tier that had passed fails a gate.',
  Suspended: 'The operator makes no changes except for a halt because spec.suspend is true.',
} as const;
export type ConditionType = keyof typeof CONDITION_TYPES;

/** Reasons of conditions, each with its meaning. A failing gate adds the reason of the service or pod that fails it. */
export const CONDITION_REASONS = {
  AllTiersPassed: 'All tiers pass their gates.',
  RollingOut: 'A tier has not passed its gates yet.',
  GateFailed: 'A tier that had passed fails a gate.',
  TierDeadlineExceeded: 'A tier did not pass its gates within rollout.tierDeadlineSeconds.',
  SecretMissing: 'A Secret, or a key in a Secret, is missing.',
  InvalidSpec: 'The spec was admitted but fails the validation of the operator.',
  NamespaceTaken: 'Another TradingStack owns this namespace.',
  SenderActive: 'Execution holds the fence and sends orders.',
  SenderInactive: 'No process may send orders.',
  FeedStale: 'Market data is missing or too old.',
  HaltRequested: 'spec.halt is true.',
  HaltPending: 'spec.halt is true, but risk or execution has not applied the halt yet.',
  NotHalted: 'spec.halt is false.',
  SuspendRequested: 'spec.suspend is true.',
  NotSuspended: 'spec.suspend is false.',
  Deleting: 'The stack is being deleted, tier by tier in reverse order.',
  AsExpected: 'The condition does not apply.',
} as const;
export type ConditionReason = keyof typeof CONDITION_REASONS;

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** A ConditionReason, or the reason of a failing gate. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}
