import type { ConditionReason, ConditionType } from '../../../api/v1alpha1/conditions.ts';
import type { ExecutionStatus, TierStatus, TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Something that people find in `kubectl describe`. */
export interface StackEvent {
  readonly type: 'Normal' | 'Warning';
  /** From the fixed set below. */
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

/** What happened between two statuses, in words. The same step is told once: it is a step only when the status changes. */
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
      return [event('Normal', 'TierStarted', 'RollOut', `tier ${tier.name} is rolled out at ${tier.release}`)];
    case 'Degraded':
      return [event('Warning', 'TierDegraded', 'RollOut', `tier ${tier.name} does not hold ${whyDegraded(tier)}`)];
    default:
      return [passedEvent(tier, before)];
  }
}

function passedEvent(tier: TierStatus, before: TierStatus | undefined): StackEvent {
  return before?.state === 'Degraded'
    ? event('Normal', 'TierRecovered', 'RollOut', `tier ${tier.name} holds its gates again`)
    : event('Normal', 'TierPassed', 'RollOut', `tier ${tier.name} passed all gates at ${tier.release}`);
}

function whyDegraded({ gates }: TierStatus): string {
  const failing = gates.find(({ ok }) => !ok);
  return failing === undefined
    ? 'its gates'
    : `${failing.name}: ${failing.service ?? ''} ${failing.reason} - ${failing.message}`;
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
  const note = `${transition.to} is to send from epoch ${transition.epoch} on`;
  return [event('Normal', 'ActivationStarted', 'Activate', note)];
}

function roleEvents(last: ExecutionStatus, now: ExecutionStatus): readonly StackEvent[] {
  if (now.active === 'none') {
    if (last.active === 'none') return [];
    return [event('Warning', 'SenderLost', 'Activate', `${last.active} does not send any more; nobody does`)];
  }
  if (last.active === now.active && last.epoch === now.epoch) return [];
  return [event('Normal', 'SenderActive', 'Activate', `${now.active} sends in epoch ${now.epoch}`)];
}

function switchEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const events: StackEvent[] = [];
  const is = isTrue(after, 'Halted');
  if (is && !isTrue(before, 'Halted'))
    events.push(event('Warning', 'Halted', 'Halt', 'no new orders are sent, because spec.halt is true'));
  // Not while a process that was replaced comes up again: until then it is just not confirmed any more.
  if (isHaltAsked(before) && reasonOf(after, 'Halted') === 'NotHalted')
    events.push(event('Normal', 'HaltLifted', 'Halt', 'orders may be sent again'));
  if (isTrue(after, 'Suspended') && !isTrue(before, 'Suspended'))
    events.push(
      event(
        'Normal',
        'Suspended',
        'Suspend',
        'the operator changes nothing but for a halt, because spec.suspend is true',
      ),
    );
  if (!isTrue(after, 'Suspended') && isTrue(before, 'Suspended'))
    events.push(event('Normal', 'Resumed', 'Suspend', 'the operator works on the stack again'));
  return events;
}

function blockEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const stalled = whyTrue(after, 'Stalled');
  if (stalled !== undefined && stalled !== whyTrue(before, 'Stalled'))
    return [event('Warning', 'Stalled', 'RollOut', stalled)];
  if (after.phase === 'Terminating' && before.phase !== 'Terminating')
    return [event('Normal', 'TakingDown', 'Delete', 'the stack is taken down, tiers backwards')];
  const { blockedBy = '' } = after;
  const missing = reasonOf(after, 'Ready') === 'SecretMissing' && blockedBy !== before.blockedBy;
  return missing ? [event('Warning', 'Blocked', 'RollOut', blockedBy)] : [];
}

function isHaltAsked(status: TradingStackStatus): boolean {
  const reason = reasonOf(status, 'Halted');
  return reason === 'HaltRequested' || reason === 'HaltPending';
}

function reasonOf({ conditions }: TradingStackStatus, type: ConditionType): ConditionReason | undefined {
  // A gate's own reason is none of these, and compares as such.
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
