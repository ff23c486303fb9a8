import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { ConditionReason } from '../../../api/v1alpha1/conditions.ts';
import { conditionLine } from '../../../api/v1alpha1/status-text.ts';

/** The one problem that blocks a stack, as reported in `status.blockedBy`. */
export interface Blocker extends Problem {
  /** `tier/gate service`, or another name of the blocked object. */
  readonly subject: string;
  /** Whether it counts as an error: an object must change, or the deadline of the tier has passed. */
  readonly stalls: boolean;
  /** Reason of the condition Stalled. Absent: the deadline of the tier, or the reason of the blocker itself. */
  readonly stallReason?: ConditionReason;
}

/** Returns the subject of a failing gate: `tier/gate service`, or `tier/gate` if it concerns no single service. */
export function gateSubject(tier: string, gate: { readonly name: string }, service?: string): string {
  return `${tier}/${gate.name}${service === undefined ? '' : ` ${service}`}`;
}

/** Returns a blocker as one line: `subject: reason - message`. */
export function blockerLine({ subject, reason, message }: Omit<Blocker, 'stalls'>): string {
  return conditionLine(`${subject}: ${reason}${message === '' ? '' : ` - ${message}`}`);
}
