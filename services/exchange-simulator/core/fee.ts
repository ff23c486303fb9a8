import { multiply, type Decimal } from '../../shared/domain/decimal.ts';
import { notionalOf, type Instrument } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';

/** One side of a match that pays a fee. */
export interface FeeBasis {
  readonly account: string;
  readonly side: Side;
  readonly instrument: Instrument;
  readonly price: Decimal;
  /** In base. */
  readonly quantity: Decimal;
  /** Fee as a part of the notional. */
  readonly rate: Decimal;
}

export interface Fee {
  readonly fee: Decimal;
  readonly feeAsset: string;
}

/** Returns what a venue charges for one side of a match. */
export type FeeRule = (basis: FeeBasis) => Fee;

/** Charges in quote, rounded down to 10^-18. */
export const quoteFee: FeeRule = ({ instrument, price, quantity, rate }) => ({
  fee: multiply(notionalOf(price, quantity), rate, 'floor'),
  feeAsset: instrument.quote,
});
