import type { CONDITION_REASONS } from '../../../services/shared/contracts/reasons/conditions.ts';

/**
 * Types of `status.conditions`, each with its meaning when True. Ready, Reconciling and Stalled follow kstatus, so that
 * `kubectl wait`, Argo CD and Flux understand the resource.
 */
export const CONDITION_TYPES = {
  Ready: 'All tiers run the desired release and pass their gates.',
  Reconciling: 'The operator is rolling out the spec or deleting the stack.',
  Stalled:
    'The rollout is blocked by an error or has missed its deadline, or the stack runs an earlier release; the reason ' +
    'names the cause. It goes on by itself once that is gone.',
  Available:
    'The stack can trade, in the desired release or an earlier one: the sender is active and market data is fresh.',
  Halted:
    'A halt is requested, and every process of risk and execution reports it. Unknown while one that may run does not ' +
    'answer.',
  Degraded:
    'A service in a tier that had passed fails a gate, a Secret is missing after a tier had passed, no spare could take ' +
    'over from the sender, a process serves only some of its pairs, or another writer changes an object repeatedly.',
  Suspended: 'The operator changes no object because spec.suspend is true. It still sends the trading state.',
} as const;
export type ConditionType = keyof typeof CONDITION_TYPES;

/** Reasons of conditions. A failing gate contributes the reason of the gate, service or pod. */
export type ConditionReason = keyof typeof CONDITION_REASONS | 'SecretMissing' | 'FeedStale' | 'WindowClosed';

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** A ConditionReason, or the reason of a failing gate. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}
