import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { HaltStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { mayRun, reportedState } from './reported.ts';

/** An older list of open orders is no longer evidence. */
const OPEN_ORDERS_MAX_AGE_MS = 60_000;

/**
 * Open orders at the venue, from the process that sends or cancels them. `at` is kept while the number is the same. A
 * list from before the halt (`sinceMs`) confirms nothing.
 */
export function confirmation(
  before: HaltStatus['confirmed'],
  pods: readonly ObservedPod[],
  { nowMs, sinceMs }: { readonly nowMs: number; readonly sinceMs: number },
): Pick<HaltStatus, 'confirmed'> {
  if (pods.some(maySend)) return {};
  const [newest] = pods.flatMap(openOrdersOf).sort((a, b) => a.ageMs - b.ageMs);
  if (newest === undefined || newest.ageMs > OPEN_ORDERS_MAX_AGE_MS || nowMs - newest.ageMs < sinceMs) return {};
  if (before?.openOrders === newest.count) return { confirmed: before };
  return { confirmed: { openOrders: newest.count, at: new Date(nowMs - newest.ageMs).toISOString() } };
}

/** A process that does not report the halt yet may still send, so no list confirms anything. */
function maySend(pod: ObservedPod): boolean {
  return pod.service === senderRow().name && !pod.finished && mayRun(pod) && reportedState(pod) !== 'Halted';
}

function openOrdersOf({ answer }: ObservedPod): readonly { readonly count: number; readonly ageMs: number }[] {
  if (answer.kind === 'Silent') return [];
  const open = answer.statusz.sender?.openOrders ?? undefined;
  return open === undefined ? [] : [{ count: open.count, ageMs: open.ageMs + answer.ageMs }];
}
