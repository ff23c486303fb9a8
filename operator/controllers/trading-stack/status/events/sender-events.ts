import type { TakeoverReason } from '../../../../api/v1alpha1/trading-stack/rollout/takeover.ts';
import type { SoakStatus } from '../../../../api/v1alpha1/trading-stack/rollout/soak-status.ts';
import type {
  Colour,
  ExecutionStatus,
  SwapStatus,
  TradingStackStatus,
} from '../../../../api/v1alpha1/trading-stack/status.ts';
import { event, type StackEvent } from './stack-event.ts';

const NO_SENDER: ExecutionStatus = { active: 'none', epoch: 0 };

/** Returns the events of the sender: its activation, and a change of the process that sends. */
export function senderEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const { execution: last = NO_SENDER } = before;
  const { execution: now = NO_SENDER } = after;
  return [
    ...drainEvents(last, now),
    ...roleEvents(last, now),
    ...swapEvents(last, now),
    ...canaryEvents(last, now),
    ...takeoverEvents(last, now),
    ...activationEvents(last, now),
  ];
}

function activationEvents(
  { transition: last }: ExecutionStatus,
  { transition }: ExecutionStatus,
): readonly StackEvent[] {
  if (transition === undefined || transition.epoch === last?.epoch) return [];
  const { from, to, epoch, pod } = transition;
  if (from === undefined || from === to)
    return [
      event(
        'Normal',
        'ActivationStarted',
        'Activate',
        `activating execution ${to}${pod === undefined ? '' : ` (${pod})`} in epoch ${epoch}`,
      ),
    ];
  const note = `swapping the sender from ${from} to ${to} in epoch ${epoch}: ${from} is asked to drain`;
  return [event('Normal', 'SwapStarted', 'Activate', note)];
}

const TAKEOVER_CAUSES: Readonly<Record<TakeoverReason, string>> = {
  SenderSilent: 'does not answer',
  SenderEnded: 'has ended or lost the fence',
  SenderDeleted: 'is deleted',
};

function canaryEvents(last: ExecutionStatus, now: ExecutionStatus): readonly StackEvent[] {
  const [before, after] = [last.canary, now.canary];
  if (after?.state === 'Active' && before?.state !== 'Active') {
    const { colour, epoch, maxNotional, symbols } = after;
    const only = symbols === undefined ? '' : `, of ${symbols.join(', ')} only`;
    const note = `execution ${colour} buys for at most ${maxNotional} in all from epoch ${epoch} on${only}`;
    return [event('Normal', 'CanaryStarted', 'Activate', note)];
  }
  if (before?.state !== 'Lifting' || after !== undefined) return [];
  return [event('Normal', 'CanaryLifted', 'Activate', `the canary of execution ${before.colour} is over`)];
}

function takeoverEvents(
  { lastTakeover: last }: ExecutionStatus,
  { lastTakeover: now }: ExecutionStatus,
): readonly StackEvent[] {
  if (now === undefined) return [];
  const { from, to, epoch, reason, gapMs } = now;
  if (last?.epoch !== epoch)
    return [
      event(
        'Warning',
        'SpareTakesOver',
        'Activate',
        `${from} ${TAKEOVER_CAUSES[reason]}: ${to} takes over in epoch ${epoch}`,
      ),
    ];
  if (gapMs === undefined || last.gapMs !== undefined) return [];
  return [
    event('Normal', 'TakeoverMeasured', 'Activate', `takeover by ${to} in epoch ${epoch}: no order for ${gapMs} ms`),
  ];
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

function drainEvents(last: ExecutionStatus, now: ExecutionStatus): readonly StackEvent[] {
  const from = (now.transition ?? last.transition)?.from;
  if (from === undefined || now[from]?.state !== 'standby' || last[from]?.state === 'standby') return [];
  const note = `execution ${from} has drained: every outcome is known, and the fence is released`;
  return [event('Normal', 'SenderDrained', 'Activate', note)];
}

function swapEvents({ lastSwap: last }: ExecutionStatus, { lastSwap: now }: ExecutionStatus): readonly StackEvent[] {
  if (now === undefined) return [];
  const before = last?.epoch === now.epoch ? last : undefined;
  return [...gapEvents(before, now), ...soakEvents(before?.soak, now)];
}

function gapEvents(
  before: SwapStatus | undefined,
  { from, to, epoch, gapMs, overlapMs = 0 }: SwapStatus,
): readonly StackEvent[] {
  const swap = `swap from ${from} to ${to} in epoch ${epoch}`;
  if (overlapMs > (before?.overlapMs ?? 0))
    return [event('Warning', 'SendersOverlapped', 'Activate', `${swap}: both sent orders for ${overlapMs} ms`)];
  if (gapMs === undefined || before?.gapMs !== undefined) return [];
  return [event('Normal', 'SwapMeasured', 'Activate', `${swap}: no order for ${gapMs} ms, no overlap`)];
}

function soakEvents(before: SoakStatus | undefined, { from, to, epoch, soak }: SwapStatus): readonly StackEvent[] {
  if (soak === undefined) return [];
  if (soak.state === before?.state) return restartEvents(before, soak, to);
  switch (soak.state) {
    case 'Soaking':
      return [
        event('Normal', 'SwapSoaking', 'Activate', `execution ${to} is on probation in epoch ${epoch}, after ${from}`),
      ];
    case 'Passed':
      return [event('Normal', 'SwapPassed', 'Activate', `execution ${to} has passed its probation: ${soak.message}`)];
    default:
      return [event('Warning', 'SwapFailed', 'Activate', `execution ${to} has failed its probation: ${soak.message}`)];
  }
}

function restartEvents(before: SoakStatus, { message }: SoakStatus, to: Colour): readonly StackEvent[] {
  if (message === '' || before.message !== '') return [];
  return [
    event('Warning', 'SwapSoakRestarted', 'Activate', `the probation of execution ${to} starts again: ${message}`),
  ];
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
