import type { ExecutionStatus, TradingStackStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { event, type StackEvent } from './stack-event.ts';

const NO_SENDER: ExecutionStatus = { active: 'none', epoch: 0 };

/** Returns the events of the sender: its activation, and a change of the process that sends. */
export function senderEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
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
  if (last.active === now.active && last.epoch === now.epoch) return [];
  switch (now.active) {
    case 'none':
      return lostEvents(last, now);
    case 'Unknown':
      return unknownEvents(last);
    default:
      return [
        event('Normal', 'SenderActive', 'Activate', `execution ${now.active} sends orders in epoch ${now.epoch}`),
      ];
  }
}

function lostEvents({ active }: ExecutionStatus, { epoch }: ExecutionStatus): readonly StackEvent[] {
  // A process that starts does not answer yet; before the first activation there is no sender to lose.
  if (active === 'none' || (active === 'Unknown' && epoch === 0)) return [];
  const lost = active === 'Unknown' ? 'no process of execution is active' : `execution ${active} is no longer active`;
  return [event('Warning', 'SenderLost', 'Activate', `${lost}; no process sends orders`)];
}

function unknownEvents({ active }: ExecutionStatus): readonly StackEvent[] {
  if (active === 'none' || active === 'Unknown') return [];
  const note = 'a process of execution does not answer; it may be sending';
  return [event('Warning', 'SenderUnknown', 'Activate', note)];
}
