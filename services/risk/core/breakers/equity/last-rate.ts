import { ONE } from '../../../../shared/domain/decimal.ts';
import type { Rate } from '../../currency/rate.ts';
import type { EquityRecord } from '../breaker.ts';

/** Returns what one unit of an asset was last worth in a currency; undefined if that is not recorded. */
export function lastRate(
  { currency: recorded, rates }: Pick<EquityRecord, 'currency' | 'rates'>,
  currency: string,
  asset: string,
): Rate | undefined {
  const dividend = rates.get(asset);
  const divisor = recorded === currency ? ONE : rates.get(currency);
  if (dividend === undefined || divisor === undefined || divisor <= 0n) return undefined;
  return { kind: 'Rate', dividend, divisor };
}
