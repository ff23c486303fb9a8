import type { EVENT_REASONS } from '../../../../../services/shared/contracts/reasons/events.ts';

/** An event that `kubectl describe` shows. */
export interface StackEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  readonly action: 'RollOut' | 'RollBack' | 'Activate' | 'Halt' | 'Suspend' | 'Delete' | 'Validate' | 'Apply' | 'Claim';
  readonly note: string;
}

export type EventReason = keyof typeof EVENT_REASONS;

/** Creates an event. */
export function event(
  type: StackEvent['type'],
  reason: EventReason,
  action: StackEvent['action'],
  note: string,
): StackEvent {
  return { type, reason, action, note };
}
