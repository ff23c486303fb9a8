import type { ExecutionStatus, Transition } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { TakeoverReason, TakeoverStatus } from '../../../api/v1alpha1/trading-stack/rollout/takeover.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { sendingColour } from '../rollout/colours.ts';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** A takeover so many pauses after the last one does not belong to its row. */
const CALM_PAUSES = 3;

/**
 * Whether the spare may take over from a sender that only does not answer now. Each takeover costs seconds without
 * orders, so that those from a sender that the operator cannot reach must not follow one another at will: the pause
 * doubles from 5 s to 5 minutes. One that has started goes on.
 */
export function mayTakeOverFrom(
  lost: Pick<ObservedPod, 'name'>,
  previous: ExecutionStatus | undefined,
  nowMs: number,
): boolean {
  const last = previous?.lastTakeover;
  if (last === undefined || isUnderWay(last, previous) || last.to !== lost.name) return true;
  return nowMs - Date.parse(last.at) >= pauseMs(last);
}

function pauseMs({ count }: Pick<TakeoverStatus, 'count'>): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(count - 1, 30));
}

/** Whether the pod that is to take over is still being activated. */
function isUnderWay({ from, epoch }: TakeoverStatus, { pod, transition }: Partial<ExecutionStatus> = {}): boolean {
  return pod === from && transition?.epoch === epoch;
}

interface Chosen {
  readonly transition: Transition | undefined;
  readonly pods: readonly ObservedPod[];
  readonly nowMs: number;
}

/**
 * Returns the last takeover: a new one as soon as a pod of the same colour is chosen that is not the one that sent
 * last.
 * A pod whose process restarted and sends again is none.
 */
export function takeoverAfter(
  previous: ExecutionStatus | undefined,
  { transition, pods, nowMs }: Chosen,
): Pick<ExecutionStatus, 'lastTakeover'> {
  const last = previous?.lastTakeover;
  const takeover = newTakeover(previous, { transition, pods, nowMs }) ?? last;
  return takeover === undefined ? {} : { lastTakeover: withGap(takeover, pods) };
}

function newTakeover(
  previous: ExecutionStatus | undefined,
  { transition, pods, nowMs }: Chosen,
): TakeoverStatus | undefined {
  if (previous?.pod === undefined || !isTakeover(previous, transition)) return undefined;
  const { pod: from, lastTakeover: last } = previous;
  const { pod: to, epoch } = transition;
  // Another epoch for the same takeover: the pod that was chosen first did not make it.
  if (last !== undefined && isUnderWay(last, previous)) return { ...last, to, epoch };
  const left = pods.find(({ name }) => name === from);
  const count = last === undefined || isCalm(last, nowMs) ? 1 : last.count + 1;
  const at = new Date(nowMs).toISOString();
  return { from, to, epoch, at, reason: reasonOf(left), count, ...lastSentOf(left) };
}

/** Whether a transition is new, and to another pod of the colour that sends. */
function isTakeover(
  previous: ExecutionStatus,
  transition: Transition | undefined,
): transition is Transition & { readonly pod: string } {
  if (transition?.pod === undefined || transition.epoch === previous.transition?.epoch) return false;
  return transition.pod !== previous.pod && transition.to === sendingColour(previous);
}

function isCalm(last: TakeoverStatus, nowMs: number): boolean {
  return nowMs - Date.parse(last.at) >= CALM_PAUSES * pauseMs(last);
}

function reasonOf(pod: ObservedPod | undefined): TakeoverReason {
  if (pod === undefined || pod.deleting || pod.finished) return 'SenderDeleted';
  return pod.answer.kind === 'Silent' || pod.answer.lost === true ? 'SenderSilent' : 'SenderEnded';
}

function lastSentOf(pod: ObservedPod | undefined): Pick<TakeoverStatus, 'lastSentAt'> {
  const sentMs = pod?.answer.kind === 'Answered' ? pod.answer.statusz.sender?.lastSentMs : undefined;
  return typeof sentMs === 'number' ? { lastSentAt: new Date(sentMs).toISOString() } : {};
}

function withGap(takeover: TakeoverStatus, pods: readonly ObservedPod[]): TakeoverStatus {
  const { to, epoch, lastSentAt, gapMs } = takeover;
  if (gapMs !== undefined || lastSentAt === undefined) return takeover;
  const answer = pods.find(({ name }) => name === to)?.answer;
  const sender = answer?.kind === 'Answered' ? answer.statusz.sender : undefined;
  if (sender?.epoch !== epoch || typeof sender.firstSentMs !== 'number') return takeover;
  return { ...takeover, gapMs: Math.max(0, sender.firstSentMs - Date.parse(lastSentAt)) };
}
