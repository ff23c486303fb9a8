import { senderRow } from '../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import type { SoakStatus } from '../../api/v1alpha1/trading-stack/rollout/soak-status.ts';
import { COLOURS, type ExecutionStatus, type Transition } from '../../api/v1alpha1/trading-stack/status.ts';
import { duration, since } from '../view/age.ts';
import type { StackReport } from '../view/stack-report.ts';
import type { Fact } from './fact.ts';

/** Which process sends orders, what both colours run, the swap under way, and the last one. */
export function senderFacts({ status, nowMs, pods }: StackReport): readonly Fact[] {
  const { execution } = status;
  if (execution === undefined) return [{ label: 'sender', text: 'unknown', paint: 'warn' }];
  const { active, epoch, transition, pod } = execution;
  const processes = (pods.known ? pods.value : []).flatMap(({ name, service, statusz }) => {
    if (service !== senderRow().name || statusz?.known !== true) return [];
    const { sender } = statusz.value;
    return sender === undefined ? [] : [{ label: '', text: `${name}: ${senderLine(sender)}` }];
  });
  const started: readonly Fact[] =
    transition === undefined || transition.epoch <= epoch
      ? []
      : [
          {
            label: '',
            text: `${transition.to} is being activated${fromText(transition)} in epoch ${transition.epoch} for ${since(transition.startedAt, nowMs)}`,
          },
        ];
  return [
    { label: 'sender', ...activeFact(active, epoch, pod) },
    ...started,
    ...colourFacts(execution),
    ...swapFacts(execution, nowMs),
    ...canaryFacts(execution, nowMs),
    ...takeoverFacts(execution, nowMs),
    ...processes,
  ];
}

function activeFact(active: string, epoch: number, pod: string | undefined): Omit<Fact, 'label'> {
  switch (active) {
    case 'none':
      return { text: `no process sends orders; highest epoch ${epoch}`, paint: 'warn' };
    case 'Unknown':
      return {
        text: `unknown: a process of execution does not answer, it may be sending; epoch ${epoch}`,
        paint: 'bad',
      };
    default:
      return { text: `execution ${active} sends orders in epoch ${epoch}${pod === undefined ? '' : `, from ${pod}`}` };
  }
}

function senderLine({ role, maySend, obstacle, openOrders }: NonNullable<Statusz['sender']>): string {
  const may = maySend === undefined ? [] : [maySend ? 'may send' : 'may not send'];
  const why = obstacle === undefined || obstacle === null ? [] : [`${obstacle.reason} - ${obstacle.message}`];
  const open =
    openOrders === undefined || openOrders === null
      ? ['open orders unknown']
      : [`${ordersText(openOrders.count)} at the venue ${duration(openOrders.ageMs)} ago`];
  return [role, ...may, ...why, ...open].join(', ');
}

function fromText({ from, to }: Transition): string {
  return from === undefined || from === to ? '' : ` in place of ${from}`;
}

function colourFacts(execution: ExecutionStatus): readonly Fact[] {
  return COLOURS.flatMap((colour) => {
    const { release, state, ready, desired } = execution[colour] ?? {};
    if (release === undefined || state === undefined) return [];
    const pods = desired === 0 ? 'no pods wanted' : `${ready} of ${desired} pods ready`;
    return [{ label: '', text: `${colour}: ${state}, release ${release}, ${pods}` }];
  });
}

/** Two senders at once never happen, so that an overlap is the worst news there is. */
function swapFacts({ lastSwap }: ExecutionStatus, nowMs: number): readonly Fact[] {
  if (lastSwap === undefined) return [];
  const { from, to, epoch, at, gapMs, overlapMs = 0, soak } = lastSwap;
  const gap = gapMs === undefined ? 'gap not measured yet' : `no order for ${gapMs} ms`;
  const both = overlapMs > 0 ? `, both sent orders for ${overlapMs} ms` : '';
  const text = `swapped from ${from} to ${to} in epoch ${epoch} ${since(at, nowMs)} ago, ${gap}${both}`;
  const swap: Fact = { label: '', text, paint: overlapMs > 0 ? 'bad' : undefined };
  return soak === undefined ? [swap] : [swap, soakFact(to, soak, nowMs)];
}

function canaryFacts({ canary }: ExecutionStatus, nowMs: number): readonly Fact[] {
  if (canary === undefined) return [];
  const { state, colour, maxNotional, symbols, until } = canary;
  const what = `canary of ${colour}: buys for at most ${maxNotional} in all${symbols === undefined ? '' : `, of ${symbols.join(', ')} only`}`;
  const states: Readonly<Record<typeof state, string>> = {
    Requested: `${what}; not reported by the sender yet`,
    Active: `${what}${until === undefined ? '' : `, for ${duration(Math.max(0, Date.parse(until) - nowMs))} more at least`}`,
    Lifting: `${what}; over, and still reported by the sender`,
  };
  return [{ label: '', text: states[state], paint: 'warn' }];
}

function takeoverFacts({ lastTakeover }: ExecutionStatus, nowMs: number): readonly Fact[] {
  if (lastTakeover === undefined) return [];
  const { from, to, epoch, at, reason, gapMs } = lastTakeover;
  const gap = gapMs === undefined ? '' : `, no order for ${gapMs} ms`;
  return [
    { label: '', text: `${to} took over from ${from} in epoch ${epoch} ${since(at, nowMs)} ago: ${reason}${gap}` },
  ];
}

function soakFact(to: string, { state, since: from, message }: SoakStatus, nowMs: number): Fact {
  const what = message === '' ? '' : `: ${message}`;
  const age = since(from, nowMs);
  switch (state) {
    case 'Soaking':
      return { label: '', text: `${to} is on probation, without a change for ${age}${what}`, paint: 'warn' };
    case 'Failed':
      return { label: '', text: `${to} failed its probation ${age} ago${what}`, paint: 'bad' };
    default:
      return { label: '', text: `${to} passed its probation ${age} ago${what}` };
  }
}

export function ordersText(count: number): string {
  return count === 1 ? '1 open order' : `${count === 0 ? 'no' : count} open orders`;
}
