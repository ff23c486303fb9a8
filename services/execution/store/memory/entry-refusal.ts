import type { CanaryTerms } from '../../../shared/contracts/control.ts';
import { releaseRefusal, type ActiveRelease } from '../../../shared/domain/release/active-release.ts';
import type { OrderRecord } from '../../core/order-record.ts';
import { isOutsideCanary } from '../../core/swap/canary.ts';
import type { IntentOutcome, IntentTerms } from '../../ports.ts';

/** Why an entry that is about to be sent is not committed, other than by the trading state. Undefined of other rows. */
export function entryRefusal(
  { state, request }: OrderRecord,
  { approvedBy, counted }: IntentTerms,
  record: { readonly activeRelease: ActiveRelease | undefined; readonly canary: CanaryTerms | undefined },
): IntentOutcome | undefined {
  if (state.kind !== 'Intended' || request.side === 'sell') return undefined;
  const refusal = releaseRefusal(record.activeRelease, approvedBy);
  if (refusal !== undefined) return refusal;
  return isOutsideCanary({ side: request.side, canary: counted }, record.canary) ? 'OutsideCanary' : undefined;
}
