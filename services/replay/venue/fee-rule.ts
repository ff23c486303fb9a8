import { quoteFee, type FeeRule } from '../../exchange-simulator/core/fee.ts';
import { multiply, parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { VenueFaults } from '../core/venue-faults.ts';

/** Coin in which the venue charges some fees. No pair trades it. */
export const FEE_COIN = 'MX';
/** Price of the quote asset in the coin. */
const COIN_RATE = parseDecimal('40');

/**
 * Charges in quote, in the received asset or in the venue's coin, as drawn for each fill. A fee that the balance of the
 * coin does not cover is charged in quote.
 */
export function drawnFees({ feeCoin }: Pick<VenueFaults, 'feeCoin'>, freeCoins: (account: string) => Decimal): FeeRule {
  return (basis) => {
    const { account, side, instrument, quantity, rate } = basis;
    const inQuote = quoteFee(basis);
    const coin = feeCoin();
    if (coin === 'Received' && side === 'buy')
      return { fee: multiply(quantity, rate, 'floor'), feeAsset: instrument.base };
    if (coin !== 'Third') return inQuote;
    const fee = multiply(inQuote.fee, COIN_RATE, 'floor');
    return freeCoins(account) < fee ? inQuote : { fee, feeAsset: FEE_COIN };
  };
}
