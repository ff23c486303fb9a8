import type { Decimal } from '../../../shared/domain/decimal.ts';
import { keyOf } from '../holdings.ts';
import type { StopRecord } from './stop-record.ts';
import type { WatchedPosition } from './stop-trigger.ts';

/**
 * Creates the memory of the highest price of each position with a record. It keeps a price while a position is not
 * watched for a moment, as one that a bad print makes look like dust.
 */
export function createHighPrices() {
  const highs = new Map<string, Pick<WatchedPosition, 'openedAtMs'> & { readonly price: Decimal }>();
  const of = (position: Pick<StopRecord, 'strategy' | 'symbol' | 'openedAtMs'>): Decimal | undefined => {
    const known = highs.get(keyOf(position));
    return known?.openedAtMs === position.openedAtMs ? known.price : undefined;
  };
  return {
    /** Returns the highest price of exactly this position, in quote per base; undefined if none is known. */
    of,
    /** Takes the price of a position. It has been raised from what `of` returns, so it is never lower. */
    note: (position: WatchedPosition): void => {
      const { openedAtMs, highPrice } = position;
      if (highPrice === undefined) return;
      highs.set(keyOf(position), { openedAtMs, price: highPrice });
    },
    /** Forgets the positions without a record. */
    keep: (records: readonly StopRecord[]): void => {
      const kept = new Set(records.map(keyOf));
      for (const key of highs.keys()) if (!kept.has(key)) highs.delete(key);
    },
  };
}
