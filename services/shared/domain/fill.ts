import type { Decimal } from './decimal.ts';
import type { Side } from './side.ts';

/** One execution at the venue, unique by `venueTradeId` within a stack, whichever way it was learnt. */
export interface Fill {
  readonly venueTradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly price: Decimal;
  /** Base amount. */
  readonly quantity: Decimal;
  /** Amount of `feeAsset` taken: base, quote, or a third asset. */
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly maker: boolean;
  /** The venue's time, UTC milliseconds. */
  readonly time: number;
}
