import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { Condition, ConditionReason } from '../../../api/v1alpha1/conditions.ts';

/** Status, reason and message of one condition. */
export interface ConditionState extends Problem {
  readonly status: Condition['status'];
}

export function yes(reason: ConditionReason, message: string): ConditionState {
  return { status: 'True', reason, message };
}

export function no(reason: ConditionReason, message: string): ConditionState {
  return { status: 'False', reason, message };
}

export function unknown(reason: ConditionReason, message: string): ConditionState {
  return { status: 'Unknown', reason, message };
}
