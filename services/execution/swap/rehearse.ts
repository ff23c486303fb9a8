import { messageOf } from '../../shared/runtime/errors.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { ExecutionStore } from '../ports.ts';
import type { VenueReconciler } from '../reconcile/venue-reconciler.ts';
import { requireValue, VenueSilentError } from '../reconcile/venue-silent-error.ts';

export interface RehearseOptions {
  /** Behind every other lane of the request budget. */
  readonly venue: Pick<TradingVenue, 'balances' | 'openOrders' | 'clockSkewMs'>;
  readonly reconciler: Pick<VenueReconciler, 'measureClock'>;
  readonly store: Pick<ExecutionStore, 'loadOrders'>;
  /** Checks that this process could admit the approvals that wait for the sender. */
  readonly shadow: () => Promise<void>;
  readonly symbols: readonly string[];
}

/** Reads what a first reconcile reads, and writes nothing. Resolves to why it is not whole. */
export async function rehearse({
  venue,
  reconciler,
  store,
  shadow,
  symbols,
}: RehearseOptions): Promise<string | undefined> {
  try {
    await reconciler.measureClock(venue);
    requireValue(await venue.balances());
    for (const symbol of symbols) await listed(venue, symbol);
    await store.loadOrders([]);
    await shadow();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function listed(venue: RehearseOptions['venue'], symbol: string): Promise<void> {
  try {
    requireValue(await venue.openOrders(symbol));
  } catch (error) {
    if (!(error instanceof VenueSilentError) || error.refusal === undefined) throw error;
  }
}
