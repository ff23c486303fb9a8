import type { Colour, ExecutionStatus, Transition } from '../../../api/v1alpha1/trading-stack/status.ts';
import { roleOf } from '../rollout/gates.ts';
import { mayRun } from '../trading/reported.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf, NO_SENDER, otherColour, sendingColour } from '../rollout/colours.ts';

/** A command to a process, and the epoch that it concerns. */
export interface SenderCommand {
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  readonly epoch: number;
}

export interface SwapTerms {
  /** Colour that is to send: that of the release that is rolled out. */
  readonly to: Colour;
  /** Whether the pods of `to` pass their gates, and a person approved where the spec asks for it. */
  readonly mayTakeOver: boolean;
}

/** What is recorded of the sender before anything is asked of it. */
export type SenderRecord = Pick<ExecutionStatus, 'active' | 'epoch' | 'transition'>;

export interface SenderDecision {
  readonly execution: SenderRecord;
  /** Sent first: to hand over. It ends within its deadline, whatever it answers. */
  readonly drain: SenderCommand | undefined;
  /** Sent after that, to raise the fence to its epoch and send orders. */
  readonly activate: SenderCommand | undefined;
}

/**
 * Decides which process should send orders. A process that can takes an epoch above every one seen. The epoch is
 * recorded in the status before a request is sent, so that an operator that takes over asks for the same one. The fence
 * in the database decides which process may send: even two operators that ask for two epochs result in one sender.
 *
 * States of a stack: no process active -> transition recorded -> activation requested (repeated until the process
 * reports progress) -> active. For a swap: active in one colour -> the other one is ready -> transition recorded ->
 * drain requested, then activation -> active in the other colour.
 */
export function decideSender(
  previous: ExecutionStatus | undefined,
  all: readonly ObservedPod[],
  terms: SwapTerms & { readonly nowMs: number },
): SenderDecision {
  const seen = Math.max(previous?.epoch ?? 0, ...all.map(highestEpoch));
  const execution = { active: activeOf(all), epoch: seen };
  const pods = all.filter(({ deleting }) => !deleting);
  const sender = newestSender(pods);
  const recorded = { ...execution, ...transitionOf(previous) };
  if (sender === undefined) return whileNobodySends(previous, pods, { ...terms, recorded });
  if (colourOf(sender) === terms.to) return { ...NO_COMMAND, execution };
  const next = terms.mayTakeOver ? readyIn(terms.to, pods) : undefined;
  if (next !== undefined) return handOver(recorded, { from: sender, next, nowMs: terms.nowMs });
  // The answers may be outdated: the new one may be activating, or about to answer again.
  const isUnderWay = recorded.transition?.to === terms.to && recorded.transition.epoch >= seen;
  return { ...NO_COMMAND, execution: isUnderWay ? recorded : execution };
}

const NO_COMMAND = { drain: undefined, activate: undefined };

interface Waiting extends SwapTerms {
  readonly recorded: SenderRecord;
  readonly nowMs: number;
}

/** A process that is activating is not touched, because a second epoch would fence it. */
function whileNobodySends(
  previous: ExecutionStatus | undefined,
  pods: readonly ObservedPod[],
  { recorded, ...terms }: Waiting,
): SenderDecision {
  const isActivating = pods.some((pod) => roleOf(pod) === 'activating');
  const next = isActivating ? undefined : nextSender(previous, pods, terms);
  if (next === undefined) return { ...NO_COMMAND, execution: recorded };
  const from = pods.find((pod) => roleOf(pod) === 'draining' && colourOf(pod) !== colourOf(next));
  return handOver(recorded, { from, next, nowMs: terms.nowMs });
}

/**
 * Returns the colour of the process that reports that it sends, even in a pod that is terminating. While a process
 * that may run does not answer, nobody knows whether it sends.
 */
function activeOf(pods: readonly ObservedPod[]): ExecutionStatus['active'] {
  const running = pods.filter(({ finished }) => !finished);
  const active = newestSender(running);
  if (active !== undefined) return colourOf(active);
  return running.some((pod) => roleOf(pod) === undefined && mayRun(pod)) ? 'Unknown' : 'none';
}

/** The process that reports that it sends; of several the one in the highest epoch, because the others are outdated. */
function newestSender(pods: readonly ObservedPod[]): ObservedPod | undefined {
  return pods.filter((pod) => roleOf(pod) === 'active').toSorted((a, b) => heldEpoch(b) - heldEpoch(a))[0];
}

/**
 * Returns the process that is to send while none does: one of the colour that was last chosen. If that one has no
 * process that runs, one of the other colour that sent before, or that passes its gates.
 */
function nextSender(
  previous: ExecutionStatus | undefined,
  pods: readonly ObservedPod[],
  { to, mayTakeOver }: SwapTerms,
): ObservedPod | undefined {
  const chosen = previous?.transition?.to ?? sendingColour(previous ?? NO_SENDER);
  const found = readyIn(chosen, pods);
  if (found !== undefined || pods.some((pod) => colourOf(pod) === chosen && mayComeUp(pod))) return found;
  const other = otherColour(chosen);
  const proven = pods.filter((pod) => roleOf(pod) === 'standby' || (other === to && mayTakeOver));
  return readyIn(other, proven);
}

function readyIn(colour: Colour, pods: readonly ObservedPod[]): ObservedPod | undefined {
  return pods.find((pod) => colourOf(pod) === colour && isReadyToSend(pod));
}

interface HandOver {
  readonly from: ObservedPod | undefined;
  readonly next: ObservedPod;
  readonly nowMs: number;
}

function handOver(recorded: SenderRecord, { from, next, nowMs }: HandOver): SenderDecision {
  const { transition } = recorded;
  const to = colourOf(next);
  // An epoch that was raised for a process that has ended, or recorded for another one, cannot be used.
  if (transition?.to !== to || highestEpoch(next) >= transition.epoch) {
    const execution = { ...recorded, transition: nextTransition(recorded, { from, next, nowMs }) };
    return { ...NO_COMMAND, execution };
  }
  const command = next.accepted === transition.epoch ? undefined : commandTo(next, transition.epoch);
  const drain = from === undefined || command === undefined ? undefined : commandTo(from, heldEpoch(from));
  return { execution: recorded, drain, activate: command };
}

/** A request of another process in the recorded epoch may still be under way, so it is not used again. */
function nextTransition({ transition, epoch }: SenderRecord, { from, next, nowMs }: HandOver): Transition {
  const to = colourOf(next);
  const before = from === undefined && transition?.to === to ? transition.from : from && colourOf(from);
  return {
    ...(before === undefined ? {} : { from: before }),
    to,
    epoch: Math.max(epoch, transition?.epoch ?? 0) + 1,
    startedAt: new Date(nowMs).toISOString(),
  };
}

function commandTo({ name, uid, ip }: ObservedPod, epoch: number): SenderCommand | undefined {
  return ip === undefined ? undefined : { pod: name, uid, ip, epoch };
}

function transitionOf(previous: ExecutionStatus | undefined): Pick<ExecutionStatus, 'transition'> {
  return previous?.transition === undefined ? {} : { transition: previous.transition };
}

/** Able to send according to a recent answer. An older answer may come from a process that has ended. */
function isReadyToSend(pod: ObservedPod): boolean {
  const role = roleOf(pod);
  return (role === 'armed' || role === 'standby') && pod.answer.kind === 'Answered' && pod.answer.fresh;
}

/** Whether it may still become ready to send: it starts, or is about to be asked again. */
function mayComeUp(pod: ObservedPod): boolean {
  const role = roleOf(pod);
  return !pod.finished && pod.ended === undefined && (role === undefined || role === 'warming' || role === 'armed');
}

function highestEpoch({ answer }: ObservedPod): number {
  const sender = answer.kind === 'Answered' ? answer.statusz.sender : undefined;
  return Math.max(sender?.fenceEpoch ?? 0, sender?.epoch ?? 0);
}

function heldEpoch({ answer }: ObservedPod): number {
  return answer.kind === 'Answered' ? (answer.statusz.sender?.epoch ?? 0) : 0;
}
