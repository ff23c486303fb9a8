import type { Decimal } from '../decimal.ts';
import type { Side } from '../side.ts';

/**
 * One execution at the venue. `venueTradeId` is unique within a stack, whether the fill arrived by stream or by query.
 */
export interface Fill {
  readonly venueTradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly price: Decimal;
  /** Base amount. */
  readonly quantity: Decimal;
  /** Amount of `feeAsset` charged. The fee asset is base, quote or a third asset. */
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly maker: boolean;
  /** Venue time in UTC milliseconds. */
  readonly time: number;
}
