import type { ConditionReason, ConditionType } from '../../../api/v1alpha1/conditions.ts';
import type { ExecutionStatus, TierStatus, TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** An event that `kubectl describe` shows. */
export interface StackEvent {
  readonly type: 'Normal' | 'Warning';
  /** One of the fixed set below. */
  readonly reason: EventReason;
  readonly action: 'RollOut' | 'Activate' | 'Halt' | 'Suspend' | 'Delete' | 'Validate' | 'Apply';
  readonly note: string;
}

export type EventReason =
  | 'TierStarted'
  | 'TierPassed'
  | 'TierDegraded'
  | 'TierRecovered'
  | 'ReleaseCurrent'
  | 'Stalled'
  | 'Blocked'
  | 'ActivationStarted'
  | 'SenderActive'
  | 'SenderLost'
  | 'Halted'
  | 'HaltLifted'
  | 'Suspended'
  | 'Resumed'
  | 'TakingDown'
  | 'ApplyRefused';

/** Returns the events for the difference between two statuses. Equal statuses give no event, so none repeats. */
export function eventsBetween(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  return [
    ...(after.tiers ?? []).flatMap((tier) => tierEvents(tier, before.tiers ?? [])),
    ...releaseEvents(before, after),
    ...senderEvents(before, after),
    ...switchEvents(before, after),
    ...blockEvents(before, after),
  ];
}

function tierEvents(tier: TierStatus, all: readonly TierStatus[]): readonly StackEvent[] {
  const before = all.find(({ name, release }) => name === tier.name && release === tier.release);
  if (before?.state === tier.state || tier.state === 'Waiting') return [];
  switch (tier.state) {
    case 'Progressing':
      return [event('Normal', 'TierStarted', 'RollOut', `rolling out tier ${tier.name} with hash ${tier.release}`)];
    case 'Degraded':
      return [event('Warning', 'TierDegraded', 'RollOut', `tier ${tier.name} fails ${whyDegraded(tier)}`)];
    default:
      return [passedEvent(tier, before)];
  }
}

function passedEvent(tier: TierStatus, before: TierStatus | undefined): StackEvent {
  return before?.state === 'Degraded'
    ? event('Normal', 'TierRecovered', 'RollOut', `tier ${tier.name} passes its gates again`)
    : event('Normal', 'TierPassed', 'RollOut', `tier ${tier.name} passed all gates with hash ${tier.release}`);
}

function whyDegraded({ gates }: TierStatus): string {
  const failing = gates.find(({ ok }) => !ok);
  if (failing === undefined) return 'its gates';
  const { name, service, reason, message } = failing;
  return `gate ${name}${service === undefined ? '' : ` in ${service}`}: ${reason} - ${message}`;
}

function releaseEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const current = after.release?.current;
  if (current === undefined || current === before.release?.current) return [];
  return [event('Normal', 'ReleaseCurrent', 'RollOut', `release ${current} runs in all tiers`)];
}

const NO_SENDER: ExecutionStatus = { active: 'none', epoch: 0 };

function senderEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const { execution: last = NO_SENDER } = before;
  const { execution: now = NO_SENDER } = after;
  return [...activationEvents(last, now), ...roleEvents(last, now)];
}

function activationEvents(
  { transition: last }: ExecutionStatus,
  { transition }: ExecutionStatus,
): readonly StackEvent[] {
  if (transition === undefined || transition.epoch === last?.epoch) return [];
  const note = `activating execution ${transition.to} in epoch ${transition.epoch}`;
  return [event('Normal', 'ActivationStarted', 'Activate', note)];
}

function roleEvents(last: ExecutionStatus, now: ExecutionStatus): readonly StackEvent[] {
  if (now.active === 'none') {
    if (last.active === 'none') return [];
    return [
      event(
        'Warning',
        'SenderLost',
        'Activate',
        `execution ${last.active} is no longer active; no process sends orders`,
      ),
    ];
  }
  if (last.active === now.active && last.epoch === now.epoch) return [];
  return [event('Normal', 'SenderActive', 'Activate', `execution ${now.active} sends orders in epoch ${now.epoch}`)];
}

function switchEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const events: StackEvent[] = [];
  const is = isTrue(after, 'Halted');
  if (is && !isTrue(before, 'Halted'))
    events.push(event('Warning', 'Halted', 'Halt', 'no new orders are sent because spec.halt is true'));
  // Not while a replaced process starts: then the halt is only unconfirmed, not lifted.
  if (isHaltRequested(before) && reasonOf(after, 'Halted') === 'NotHalted')
    events.push(event('Normal', 'HaltLifted', 'Halt', 'new orders may be sent again'));
  if (isTrue(after, 'Suspended') && !isTrue(before, 'Suspended'))
    events.push(
      event(
        'Normal',
        'Suspended',
        'Suspend',
        'the operator makes no changes except for a halt because spec.suspend is true',
      ),
    );
  if (!isTrue(after, 'Suspended') && isTrue(before, 'Suspended'))
    events.push(event('Normal', 'Resumed', 'Suspend', 'the operator reconciles the stack again'));
  return events;
}

function blockEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const stalled = whyTrue(after, 'Stalled');
  if (stalled !== undefined && stalled !== whyTrue(before, 'Stalled'))
    return [event('Warning', 'Stalled', 'RollOut', stalled)];
  if (after.phase === 'Terminating' && before.phase !== 'Terminating')
    return [event('Normal', 'TakingDown', 'Delete', 'deleting the stack tier by tier in reverse order')];
  const { blockedBy = '' } = after;
  const missing = reasonOf(after, 'Ready') === 'SecretMissing' && blockedBy !== before.blockedBy;
  return missing ? [event('Warning', 'Blocked', 'RollOut', blockedBy)] : [];
}

function isHaltRequested(status: TradingStackStatus): boolean {
  const reason = reasonOf(status, 'Halted');
  return reason === 'HaltRequested' || reason === 'HaltPending';
}

function reasonOf({ conditions }: TradingStackStatus, type: ConditionType): ConditionReason | undefined {
  // The reason of a gate is not a ConditionReason and equals none of them.
  return conditions?.find((candidate) => candidate.type === type)?.reason as ConditionReason | undefined;
}

function whyTrue({ conditions }: TradingStackStatus, type: string): string | undefined {
  const condition = conditions?.find((candidate) => candidate.type === type && candidate.status === 'True');
  return condition === undefined ? undefined : `${condition.reason}: ${condition.message}`;
}

function isTrue(status: TradingStackStatus, type: string): boolean {
  return whyTrue(status, type) !== undefined;
}

function event(type: StackEvent['type'], reason: EventReason, action: StackEvent['action'], note: string): StackEvent {
  return { type, reason, action, note };
}
