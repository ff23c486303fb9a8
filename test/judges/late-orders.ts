import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import { senderChanges } from '../bench/swap/sender-changes.ts';

/** What both sides have of one change of the sender. */
export interface SwapEvidence {
  /** The venue's log since before the change. */
  readonly log: readonly VenueLogEntry[];
  /** Epoch of each order in the record, by client order ID. */
  readonly epochOf: ReadonlyMap<string, number>;
  /** The present holder's epoch, and when it was granted, in UTC milliseconds. */
  readonly fence: { readonly epoch: number; readonly grantedMs: number };
  /** When a sender continued that had been stopped, in UTC milliseconds. */
  readonly resumedMs?: number;
}

/**
 * How long after a grant a request of the sender before may still reach the venue: it was on its way, and the next one
 * waits for that long (`recvWindowMs` and `skewBoundMs` in operator/resources/settings/execution.ts).
 */
export const WINDOW_MS = 2_500;

/**
 * Returns the orders that no sender may send: one of an older epoch after the first one of a newer epoch, one that the
 * venue received later than a request can be on its way, and one that a stopped sender sent when it continued.
 */
export function lateOrders(evidence: SwapEvidence): readonly string[] {
  return [...overlaps(evidence), ...late(evidence)];
}

function overlaps({ log, epochOf }: SwapEvidence): readonly string[] {
  const placed = log.flatMap(({ kind, time, clientOrderId = '' }) => {
    const epoch = kind === 'placed' ? epochOf.get(clientOrderId) : undefined;
    return epoch === undefined ? [] : [{ timeMs: time, epoch }];
  });
  return senderChanges(placed)
    .filter(({ overlap }) => overlap > 0)
    .map(({ epoch, overlap }) => `I3: ${overlap} orders of older epochs came after the first one of epoch ${epoch}`);
}

/** Orders that the venue rejected count too: the sender may not have sent them. */
function late({ log, epochOf, fence, resumedMs }: SwapEvidence): readonly string[] {
  const isStopped = resumedMs !== undefined && fence.grantedMs <= resumedMs;
  const lastMs = isStopped ? resumedMs : fence.grantedMs + WINDOW_MS;
  return log.flatMap(({ kind, time, receivedAt = time, clientOrderId = '' }) => {
    const epoch = kind === 'placed' || kind === 'rejected' ? epochOf.get(clientOrderId) : undefined;
    if (epoch === undefined || epoch >= fence.epoch || receivedAt <= lastMs) return [];
    const afterMs = receivedAt - fence.grantedMs;
    const who = isStopped ? 'by a sender that had been stopped, ' : '';
    return [
      `I3: ${kind} order ${clientOrderId} of epoch ${epoch} came ${who}${afterMs} ms after epoch ${fence.epoch} was granted`,
    ];
  });
}
