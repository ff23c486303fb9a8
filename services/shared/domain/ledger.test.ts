import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimals, fills } from '../../../test/fixtures/arbitraries.ts';
import { add, negate, parseDecimal, ZERO } from './decimal.ts';
import { notionalOf } from './instrument.ts';
import { balancesOf, postingsOf, transferOf, type LedgerAccount, type Posting } from './ledger.ts';

const ACCOUNTS: readonly LedgerAccount[] = ['venue', 'trading', 'fees', 'external'];

function sumsPerAsset(postings: readonly Posting[]): readonly bigint[] {
  const sums = new Map<string, bigint>();
  for (const { asset, amount } of postings) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  return [...sums.values()];
}

describe('postings', () => {
  it('sum to zero per asset for a fill and for a transfer', () => {
    fc.assert(
      fc.property(fills(), decimals(), (fill, amount) => {
        expect(sumsPerAsset(postingsOf(fill)).every((sum) => sum === 0n)).toBe(true);
        expect(sumsPerAsset(transferOf('ETH', amount)).every((sum) => sum === 0n)).toBe(true);
      }),
    );
  });

  it('move the base, the quote and the fee at the venue', () => {
    fc.assert(
      fc.property(fills(), (fill) => {
        const notional = notionalOf(fill.price, fill.quantity);
        const venue = balancesOf(postingsOf(fill), 'venue');
        const sign = fill.side === 'buy' ? 1n : -1n;
        const fee = (asset: string) => (fill.feeAsset === asset ? fill.fee : 0n);
        expect(venue.get('XRP')).toBe(sign * fill.quantity - fee('XRP'));
        expect(venue.get('ETH')).toBe(-sign * notional - fee('ETH'));
        expect(venue.get('MX') ?? ZERO).toBe(0n - fee('MX'));
        expect(balancesOf(postingsOf(fill), 'fees').get(fill.feeAsset) ?? ZERO).toBe(fill.fee);
      }),
    );
  });

  it('sum to zero over all accounts after any number of fills', () => {
    fc.assert(
      fc.property(fc.array(fills(), { maxLength: 50 }), (many) => {
        const postings = many.flatMap((fill) => postingsOf(fill));
        const total = ACCOUNTS.map((account) => balancesOf(postings, account).get('XRP') ?? ZERO).reduce(add, ZERO);
        expect(total).toBe(ZERO);
      }),
    );
  });

  it('contain no fee line when the fee is zero', () => {
    fc.assert(
      fc.property(fills(), (fill) => {
        expect(postingsOf({ ...fill, fee: ZERO })).toHaveLength(4);
      }),
    );
  });

  it('record a withdrawal as a negative deposit', () => {
    const amount = parseDecimal('3');
    expect(transferOf('ETH', negate(amount))).toEqual([
      { account: 'venue', asset: 'ETH', amount: negate(amount) },
      { account: 'external', asset: 'ETH', amount },
    ]);
  });
});
