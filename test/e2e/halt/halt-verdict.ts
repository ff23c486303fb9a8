import type { Halting } from './trading-state.ts';
import { venueLog } from '../trading.ts';
import { openOrdersIn, ordersReceivedAfter } from './venue-orders.ts';

/** What the venue's log says about a halt that was requested at one time and confirmed at another. */
export interface Verdict {
  /** Orders that the venue received after the confirmation, as side and client order ID. */
  readonly afterConfirmation: readonly string[];
  readonly open: readonly string[];
  /** From the request to the last order that the venue received; negative if the last one came before the request. */
  readonly lastOrderMs: number;
}

/** Judges by the venue's log. Times are UTC milliseconds. */
export async function judge(
  { kubectl, place }: Halting,
  { requestedAtMs, confirmedAtMs }: { readonly requestedAtMs: number; readonly confirmedAtMs: number },
): Promise<Verdict> {
  const log = await venueLog(kubectl, place);
  const line = ({ side, clientOrderId }: { readonly side?: string; readonly clientOrderId?: string }): string =>
    `${side} ${clientOrderId}`;
  const last = Math.max(...ordersReceivedAfter(log, 0).map(({ receivedAt = 0 }) => receivedAt));
  return {
    afterConfirmation: ordersReceivedAfter(log, confirmedAtMs).map(line),
    open: openOrdersIn(log).map(line),
    lastOrderMs: last - requestedAtMs,
  };
}
