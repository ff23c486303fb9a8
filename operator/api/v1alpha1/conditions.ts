/**
 * Types of `status.conditions`, each with its meaning when True. Ready, Reconciling and Stalled are kstatus's, so that
 * `kubectl wait`, Argo CD and Flux understand the resource.
 */
export const CONDITION_TYPES = {
  Ready: 'Every tier of the wanted release passed its gates and holds them.',
  Reconciling: 'The operator is on its way to what the spec wants.',
  Stalled: 'The operator will not get there until something changes; the reason says what.',
  Available: 'The stack trades: its sender is active and its feed is fresh, in whatever release.',
  Halted: 'No new orders are sent because the spec says so.',
  Degraded: 'A service of a tier that had passed does not hold its gates.',
  Suspended: 'The operator changes nothing, but for a halt, because the spec says so.',
} as const;
export type ConditionType = keyof typeof CONDITION_TYPES;

/** Reasons of conditions, each with its meaning. Gates add the reasons of the service or pod that fails them. */
export const CONDITION_REASONS = {
  AllTiersPassed: 'All tiers passed.',
  RollingOut: 'A tier has not passed its gates yet.',
  GateFailed: 'A gate of a tier that had passed does not hold.',
  TierDeadlineExceeded: 'A tier did not pass its gates within rollout.tierDeadlineSeconds.',
  SecretMissing: 'A Secret, or a key in it, is not there.',
  InvalidSpec: 'The spec breaks a rule of its schema although it was admitted.',
  NamespaceTaken: 'Another TradingStack has this namespace.',
  SenderActive: 'Execution holds the fence and sends.',
  SenderInactive: 'No process may send orders.',
  FeedStale: 'Market data is missing or too old.',
  HaltRequested: 'spec.halt is true.',
  HaltPending: 'spec.halt is true, but risk or execution does not run with it yet.',
  NotHalted: 'spec.halt is false.',
  SuspendRequested: 'spec.suspend is true.',
  NotSuspended: 'spec.suspend is false.',
  Deleting: 'The stack is being taken down, tiers backwards.',
  AsExpected: 'Nothing of the kind.',
} as const;
export type ConditionReason = keyof typeof CONDITION_REASONS;

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** A ConditionReason, or the reason of a gate. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}
