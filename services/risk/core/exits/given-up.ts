import type { CancelRequest } from './cancel-request.ts';

/**
 * How long a buy whose end is not known holds up an exit after its cancellation was requested. It may stay so for ever:
 * its row cannot be read, or the venue does not answer for it, has lost it, or hides its last fills.
 */
const ENDING_HOLDS_UP_MS = 30_000;
/**
 * The same for a buy in any other state, such as Open: execution may have ended it, and cannot record that because it
 * cannot read the row. It is longer because no cancellation is known: execution may just be replaced.
 */
const HOLDS_UP_MS = 120_000;

/** Whether a buy whose cancellation was requested holds up no exit any more. */
export function isGivenUp(
  { cancelRequests, nowMs }: { readonly cancelRequests: readonly CancelRequest[]; readonly nowMs: number },
  order: { readonly clientOrderId: string; readonly state: string },
): boolean {
  const isEnding = order.state === 'Unknown' || order.state === 'CancelPending';
  const request = cancelRequests.find(({ clientOrderId }) => clientOrderId === order.clientOrderId);
  return request !== undefined && nowMs - request.requestedAtMs >= (isEnding ? ENDING_HOLDS_UP_MS : HOLDS_UP_MS);
}
