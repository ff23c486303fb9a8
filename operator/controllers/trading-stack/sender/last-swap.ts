import { COLOURS, type ExecutionStatus, type SwapStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { SenderStatus } from '../../../../services/shared/contracts/statusz.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf } from '../rollout/colours.ts';
import { heldEpoch } from '../rollout/swap/sender-role.ts';

interface Seen {
  readonly pods: readonly ObservedPod[];
  readonly nowMs: number;
}

/**
 * Returns the last swap: a new one once the colour that took over sends, and its gap once both have sent orders. A
 * process that takes over from one that was lost is one too: it has none that handed over.
 */
export function swapAfter(
  previous: ExecutionStatus | undefined,
  { active, epoch }: Pick<ExecutionStatus, 'active' | 'epoch'>,
  { pods, nowMs }: Seen,
): Pick<ExecutionStatus, 'lastSwap'> {
  const swap = newSwap(previous, { active, epoch, nowMs }) ?? previous?.lastSwap;
  return swap === undefined ? {} : { lastSwap: withGap(swap, pods) };
}

function newSwap(
  { transition, lastSwap }: Partial<ExecutionStatus> = {},
  { active, epoch, nowMs }: Pick<ExecutionStatus, 'active' | 'epoch'> & { readonly nowMs: number },
): SwapStatus | undefined {
  if (transition === undefined || active !== transition.to || lastSwap?.epoch === epoch) return undefined;
  const { from = lastSwap?.to ?? COLOURS[0], to } = transition;
  return from === to ? undefined : { from, to, epoch, at: new Date(nowMs).toISOString() };
}

/**
 * From the orders, by the clocks of the two processes. What was measured first is the gap. An order that the old sender
 * sends after that is an overlap all the same: its process may have been stopped, and go on.
 */
function withGap(swap: SwapStatus, pods: readonly ObservedPod[]): SwapStatus {
  const older = pods.filter((pod) => heldEpoch(pod) < swap.epoch);
  const first = sentBy(pods, swap.to, swap.epoch)?.firstSentMs ?? undefined;
  const last = sentBy(older, swap.from)?.lastSentMs ?? undefined;
  if (first === undefined || last === undefined) return swap;
  const gapMs = swap.gapMs ?? Math.max(0, first - last);
  return { ...swap, gapMs, overlapMs: Math.max(0, swap.overlapMs ?? 0, last - first) };
}

/** The process that sent; of several pods of the colour, the one that sent last. A spare has sent nothing. */
function sentBy(pods: readonly ObservedPod[], colour: SwapStatus['to'], epoch?: number): SenderStatus | undefined {
  return pods
    .flatMap((pod) => (colourOf(pod) === colour && pod.answer.kind === 'Answered' ? [pod.answer.statusz.sender] : []))
    .filter((sender) => sender !== undefined)
    .filter((sender) => typeof sender.firstSentMs === 'number' && (epoch === undefined || sender.epoch === epoch))
    .toSorted((a, b) => (b.lastSentMs ?? 0) - (a.lastSentMs ?? 0))[0];
}
