import type { CanaryDocument } from '../../../../services/shared/contracts/control.ts';
import type { ExecutionStatus, Transition } from '../../../api/v1alpha1/trading-stack/status.ts';
import { heldEpoch, isLostSender, newestSender, roleOf } from '../rollout/swap/sender-role.ts';
import { mayRun } from '../trading/reported.ts';
import { isReadyToSend, readyIn } from './ready-sender.ts';
import { isGivenUp, returningSender } from './returning-sender.ts';
import type { SwapTerms } from './swap-terms.ts';
import { mayTakeOverFrom } from './takeover.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf, NO_SENDER, otherColour, sendingColour } from '../rollout/colours.ts';

/** A command to a process, and the epoch that it concerns. */
export interface SenderCommand {
  readonly pod: string;
  readonly uid: string;
  readonly ip: string;
  readonly epoch: number;
  /** What bounds its entries in that epoch; only of an activation. */
  readonly canary?: CanaryDocument;
}

/** What is recorded of the sender before anything is asked of it. */
export type SenderRecord = Pick<ExecutionStatus, 'active' | 'epoch' | 'pod' | 'transition'>;

export interface SenderDecision {
  readonly execution: SenderRecord;
  /** Sent first: to hand over. It ends within its deadline, whatever it answers. */
  readonly drain: SenderCommand | undefined;
  /** Sent after that, to raise the fence to its epoch and send orders. */
  readonly activate: SenderCommand | undefined;
}

/**
 * Decides which process should send orders. A process that can takes an epoch above every one seen. The epoch and its
 * pod are recorded in the status before a request is sent, so that an operator that takes over asks for the same one.
 * The fence in the database decides which process may send: even two operators that ask for two epochs result in one
 * sender.
 *
 * States of a stack: no process active -> transition recorded -> activation requested (repeated until the process
 * reports progress) -> active. For a swap: active in one colour -> the other one is ready -> transition recorded ->
 * drain requested, then activation -> active in the other colour. For a takeover: the active process is lost, and a
 * spare of its colour is armed -> as while none is active.
 */
export function decideSender(
  previous: ExecutionStatus | undefined,
  all: readonly ObservedPod[],
  terms: SwapTerms & { readonly nowMs: number },
): SenderDecision {
  const seen = Math.max(previous?.epoch ?? 0, ...all.map(highestEpoch));
  const execution = { active: activeOf(all), epoch: seen, ...podOf(previous, all) };
  const pods = all.filter(({ deleting }) => !deleting);
  const sender = newestSender(pods);
  const recorded = { ...execution, ...transitionOf(previous) };
  const waiting = { ...terms, recorded };
  if (sender === undefined) return whileNobodySends(previous, { pods, leaving: leavingOf(all, seen) }, waiting);
  if (isLeft(sender, previous, { pods, nowMs: terms.nowMs })) {
    const others = pods.filter((pod) => !isLostSender(pod));
    return whileNobodySends(previous, { pods: others, leaving: undefined }, waiting);
  }
  return whileOneSends(sender, { pods, execution }, waiting);
}

interface Sending {
  readonly pods: readonly ObservedPod[];
  /** Without a transition: it is over once the right colour sends. */
  readonly execution: SenderRecord;
}

function whileOneSends(sender: ObservedPod, { pods, execution }: Sending, terms: Waiting): SenderDecision {
  const { recorded, to, mayTakeOver, nowMs } = terms;
  if (colourOf(sender) === to) return { ...NO_COMMAND, execution };
  const next = mayTakeOver ? readyIn(to, pods, recorded) : undefined;
  if (next !== undefined) return handOver(recorded, { from: sender, next, nowMs });
  // The answers may be outdated: the new one may be activating, or about to answer again.
  const isUnderWay = recorded.transition?.to === to && recorded.transition.epoch >= execution.epoch;
  return { ...NO_COMMAND, execution: isUnderWay ? recorded : execution };
}

/** Whether the sender does not answer any more, and a spare of its colour can take over, or is about to. */
function isLeft(
  sender: ObservedPod,
  previous: ExecutionStatus | undefined,
  { pods, nowMs }: { readonly pods: readonly ObservedPod[]; readonly nowMs: number },
): boolean {
  if (!isLostSender(sender) || !mayTakeOverFrom(sender, previous, nowMs)) return false;
  const others = pods.filter((pod) => colourOf(pod) === colourOf(sender) && pod.uid !== sender.uid);
  return others.some((pod) => isReadyToSend(pod) || roleOf(pod) === 'activating');
}

/** The pod that sends, or that sent last. */
function podOf(previous: ExecutionStatus | undefined, all: readonly ObservedPod[]): Pick<ExecutionStatus, 'pod'> {
  const pod = newestSender(all)?.name ?? previous?.pod;
  return pod === undefined ? {} : { pod };
}

/** The process whose pod is being deleted and that still hands over: it cancels, asks for outcomes, frees the fence. */
function leavingOf(all: readonly ObservedPod[], epoch: number): ObservedPod | undefined {
  const holds = (pod: ObservedPod): boolean => epoch > 0 && heldEpoch(pod) === epoch && pod.answer.lost !== true;
  return all.find((pod) => pod.deleting && !pod.finished && holds(pod));
}

const NO_COMMAND = { drain: undefined, activate: undefined };

interface Waiting extends SwapTerms {
  readonly recorded: SenderRecord;
  readonly nowMs: number;
}

interface Candidates {
  /** Pods that are not terminating. */
  readonly pods: readonly ObservedPod[];
  readonly leaving: ObservedPod | undefined;
}

/** Longer than a process that is deleted needs to hand over, unless the venue or the database does not answer. */
const LEAVING_MS = 5_000;

/**
 * A process that is activating is not touched, because a second epoch would fence it, unless it is given up. One that
 * may answer the next request may be the one that sends.
 */
function whileNobodySends(
  previous: ExecutionStatus | undefined,
  { pods, leaving }: Candidates,
  { recorded, ...terms }: Waiting,
): SenderDecision {
  const isActivating = (pod: ObservedPod): boolean =>
    roleOf(pod) === 'activating' && !isLostSender(pod) && !isGivenUp(pod, recorded.transition, terms);
  const isAwaited = pods.some((pod) => isActivating(pod) || isAboutToAnswer(pod));
  const next = isAwaited ? undefined : nextSender(previous, pods, terms);
  if (next === undefined) return { ...NO_COMMAND, execution: recorded };
  const from = pods.find((pod) => roleOf(pod) === 'draining' && colourOf(pod) !== colourOf(next));
  const decision = handOver(recorded, { from, next, nowMs: terms.nowMs });
  // Otherwise the fence would be taken from it in the middle of its work, and the next sender would have to wait.
  const startedMs = Date.parse(decision.execution.transition?.startedAt ?? '');
  const isLeaving = leaving !== undefined && terms.nowMs - startedMs < LEAVING_MS;
  return isLeaving ? { ...decision, ...NO_COMMAND } : decision;
}

/** Whether a ready pod has not been asked yet, or one request to it has failed. */
function isAboutToAnswer({ ready, answer }: ObservedPod): boolean {
  return ready && answer.kind === 'Silent' && (answer.pending === true || answer.missed === 1);
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

/**
 * Returns the process that is to send while none does: one of the colour that was last chosen. If that one has no
 * process that runs, one of the other colour that sent before, or that passes its gates. If a swap is taken back, the
 * one that returns.
 */
function nextSender(
  previous: ExecutionStatus | undefined,
  pods: readonly ObservedPod[],
  terms: SwapTerms,
): ObservedPod | undefined {
  const { to, mayTakeOver } = terms;
  const returning = returningSender(previous, pods, terms);
  if (returning !== undefined) return returning;
  const chosen = previous?.transition?.to ?? sendingColour(previous ?? NO_SENDER);
  const found = readyIn(chosen, pods, previous);
  if (found !== undefined || pods.some((pod) => colourOf(pod) === chosen && mayComeUp(pod))) return found;
  const other = otherColour(chosen);
  const proven = pods.filter((pod) => roleOf(pod) === 'standby' || (other === to && mayTakeOver));
  return readyIn(other, proven, previous);
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
  if (transition?.to !== to || transition.pod !== next.name || highestEpoch(next) >= transition.epoch) {
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
    pod: next.name,
  };
}

function commandTo({ name, uid, ip }: ObservedPod, epoch: number): SenderCommand | undefined {
  return ip === undefined ? undefined : { pod: name, uid, ip, epoch };
}

function transitionOf(previous: ExecutionStatus | undefined): Pick<ExecutionStatus, 'transition'> {
  return previous?.transition === undefined ? {} : { transition: previous.transition };
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
