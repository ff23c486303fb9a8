import { SWAP_ALLOWED } from '../../rollout/gates.ts';
import { releaseEvents } from './release-events.ts';
import { riskEvents } from './risk-events.ts';
import { senderEvents } from './sender-events.ts';
import { event, type StackEvent } from './stack-event.ts';
import { tradingEvents } from './trading-events.ts';
import type { ConditionReason, ConditionType } from '../../../../api/v1alpha1/conditions.ts';
import type { GateStatus, TierStatus, TradingStackStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';

/** Returns the events for the difference between two statuses. Equal statuses give no event, so none repeats. */
export function eventsBetween(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  return [
    ...(after.tiers ?? []).flatMap((tier) => tierEvents(tier, before.tiers ?? [])),
    ...releaseEvents(before, after),
    ...riskEvents(before, after),
    ...senderEvents(before, after),
    ...switchEvents(before, after),
    ...blockEvents(before, after),
  ];
}

function tierEvents(tier: TierStatus, all: readonly TierStatus[]): readonly StackEvent[] {
  const before = all.find(({ name, release }) => name === tier.name && release === tier.release);
  if (before?.state === tier.state) return swapWaits(before, tier);
  if (tier.state === 'Waiting') return [];
  switch (tier.state) {
    case 'Progressing':
      return [event('Normal', 'TierStarted', 'RollOut', `rolling out tier ${tier.name} with hash ${tier.release}`)];
    case 'Degraded':
      return [event('Warning', 'TierDegraded', 'RollOut', `tier ${tier.name} fails ${whyDegraded(tier)}`)];
    default:
      return [passedEvent(tier, before)];
  }
}

/** Once for each reason for which a swap alone waits. */
function swapWaits(before: TierStatus, now: TierStatus): readonly StackEvent[] {
  const gate = waitingGate(now);
  if (gate === undefined || waitingGate(before)?.reason === gate.reason) return [];
  return [event('Normal', 'SwapWaits', 'Activate', gate.message)];
}

function waitingGate({ gates }: TierStatus): GateStatus | undefined {
  const failing = gates.find(({ ok }) => !ok);
  return failing?.name === SWAP_ALLOWED ? failing : undefined;
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

function switchEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const events: StackEvent[] = [...tradingEvents(before, after)];
  if (isTrue(after, 'Suspended') && !isTrue(before, 'Suspended'))
    events.push(
      event(
        'Normal',
        'Suspended',
        'Suspend',
        'the operator changes no object because spec.suspend is true; it still sends the requested trading state',
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
