import type { CanaryTerms } from '../../../shared/contracts/control.ts';
import type { CanaryStatus } from '../../../shared/contracts/statusz.ts';
import { formatDecimal } from '../../../shared/domain/decimal.ts';
import type { Side } from '../../../shared/domain/side.ts';

export function isSameCanary(left: CanaryTerms | undefined, right: CanaryTerms | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.since !== right.since || left.maxNotional !== right.maxNotional) return false;
  return JSON.stringify(left.symbols) === JSON.stringify(right.symbols);
}

/**
 * Whether a canary keeps an order from being sent: an entry that risk did not count against its bound, because it was
 * approved before the canary, or by a release that knows of none. No sale is.
 */
export function isOutsideCanary(
  { side, canary }: { readonly side: Side; readonly canary?: number | undefined },
  terms: Pick<CanaryTerms, 'since'> | undefined,
): boolean {
  return side === 'buy' && terms !== undefined && canary !== terms.since;
}

export function canaryStatusOf(terms: CanaryTerms | undefined): CanaryStatus | null {
  return terms === undefined ? null : { ...terms, maxNotional: formatDecimal(terms.maxNotional) };
}
