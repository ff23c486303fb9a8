import type { CanaryTerms } from '../../../shared/contracts/control.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';

/** What bounds the entries of a new sender until it has proven itself, and what of it is used. */
export interface SenderCanary extends CanaryTerms {
  /**
   * What the buys since its first epoch have filled and may still fill, at their limit prices, in quote by symbol. A
   * sale takes nothing off: a sender that loses in every round trip is stopped by the cap as well.
   */
  readonly bought: ReadonlyMap<string, Decimal>;
}
