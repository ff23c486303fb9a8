import type { Decimal } from '../decimal.ts';
import type { Side } from '../side.ts';

/** One execution of an order at the venue. Identified by `tradeKeyOf`, whether it arrived by stream or by query. */
export interface Fill {
  /** ID of the trade. When both of its orders are ours, the venue may report both executions under it. */
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

/** What one trade moves, whoever made it. */
export type TradeTerms = Pick<Fill, 'symbol' | 'side' | 'price' | 'quantity' | 'fee' | 'feeAsset'>;

/** Returns the identity of an execution among those of one symbol: the trade, and the order that it executed. */
export function tradeKeyOf({ venueTradeId, venueOrderId }: Pick<Fill, 'venueTradeId' | 'venueOrderId'>): string {
  return `${venueTradeId} ${venueOrderId}`;
}
