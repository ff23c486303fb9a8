import type { Logger } from '../shared/runtime/logger.ts';
import type { WantedCancel } from './core/exits/cancel-request.ts';
import type { RiskStore } from './ports.ts';

/** Starts a request, and returns without waiting for the record. `nowMs` in UTC milliseconds. */
export type CancelRequester = (nowMs: number, wanted: readonly WantedCancel[]) => void;

/**
 * Creates what requests cancellations in the record, one request at a time: a statement may wait for a lock for
 * seconds, and no exit waits for it. What is wanted meanwhile, and what cannot be stored, the next pass wants again.
 */
export function createCancelRequester({
  store,
  log,
}: {
  readonly store: Pick<RiskStore, 'requestCancels'>;
  readonly log: Logger;
}): CancelRequester {
  let isRequesting = false;
  const request = async (nowMs: number, wanted: readonly WantedCancel[]): Promise<void> => {
    isRequesting = true;
    try {
      await store.requestCancels(nowMs, wanted);
      log.info({ orders: wanted }, 'cancellation of buys in the way of an exit requested');
    } catch (error) {
      log.warn({ orders: wanted, err: error }, 'requesting cancellations failed');
    } finally {
      isRequesting = false;
    }
  };
  return (nowMs, wanted) => {
    if (wanted.length > 0 && !isRequesting) void request(nowMs, wanted);
  };
}
