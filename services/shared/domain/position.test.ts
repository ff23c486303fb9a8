import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fills } from '../../../test/fixtures/arbitraries.ts';
import { parseDecimal, ZERO, type Decimal } from './decimal.ts';
import type { Fill } from './orders/fill.ts';
import { notionalOf } from './instrument.ts';
import { balancesOf, postingsOf } from './ledger.ts';
import { applyFill, FLAT, type Position } from './position.ts';

const fold = (many: readonly Fill[]): Position => many.reduce(applyFill, FLAT);

/** Fills that never sell more than is held, as in a spot strategy. */
const longFills = fc.array(fills(), { maxLength: 40 }).map((many) => {
  const kept: Fill[] = [];
  let held = 0n;
  for (const fill of many) {
    const fee = fill.feeAsset === 'XRP' ? fill.fee : 0n;
    const change = fill.side === 'buy' ? fill.quantity - fee : -(fill.quantity + fee);
    if (held + change < 0n) continue;
    held += change;
    kept.push(fill);
  }
  return kept;
});

describe('a position', () => {
  it('equals the balance of the venue in the ledger', () => {
    fc.assert(
      fc.property(longFills, (many) => {
        const venue = balancesOf(
          many.flatMap((fill) => postingsOf(fill)),
          'venue',
        );
        expect(fold(many).quantity).toBe(venue.get('XRP') ?? ZERO);
      }),
    );
  });

  it('accounts for every quote unit: realised P&L less cost equals the cash flow', () => {
    fc.assert(
      fc.property(longFills, (many) => {
        const { realised, cost } = fold(many);
        const cash =
          balancesOf(
            many.flatMap((fill) => postingsOf(fill)),
            'venue',
          ).get('ETH') ?? ZERO;
        expect(realised - cost).toBe(cash);
      }),
    );
  });

  it('has no cost when the quantity is zero, and never a negative cost', () => {
    fc.assert(
      fc.property(longFills, (many) => {
        const { quantity, cost } = fold(many);
        expect(cost >= 0n).toBe(true);
        if (quantity === ZERO) expect(cost).toBe(ZERO);
      }),
    );
  });

  it('deducts the average cost of a sale', () => {
    const fill = (side: 'buy' | 'sell', price: string, quantity: string, fee = '0'): Fill => ({
      venueTradeId: 't',
      venueOrderId: 'v',
      clientOrderId: 'c',
      symbol: 'XRP/ETH',
      side,
      price: parseDecimal(price),
      quantity: parseDecimal(quantity),
      fee: parseDecimal(fee),
      feeAsset: 'ETH',
      maker: false,
      time: 0,
    });
    // Bought 100 at 1 and 100 at 2: average 1.5. Selling 50 at 3 realises 50 x 1.5 = 75, less the fee of 1.
    const position = fold([fill('buy', '1', '100'), fill('buy', '2', '100'), fill('sell', '3', '50', '1')]);
    expect(position).toEqual({
      quantity: parseDecimal('150'),
      cost: notionalOf(parseDecimal('1.5'), parseDecimal('150')),
      realised: parseDecimal('74'),
    } satisfies Record<keyof Position, Decimal>);
  });

  it('deducts the exact share of the cost, rounded down, for every amount that a decimal holds', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 38n - 1n });
    fc.assert(
      fc.property(amount, amount, amount, (held, cost, part) => {
        const sold = (part % held) as Decimal;
        fc.pre(sold > 0n);
        const position: Position = { quantity: held as Decimal, cost: cost as Decimal, realised: ZERO };
        // A price of one unit: the notional is the smallest possible, so only the share can be out of range.
        const after = applyFill(position, sale(1n as Decimal, sold));
        const share = (cost * sold) / held;
        expect(after.cost).toBe(cost - share);
        expect(after.quantity).toBe(held - sold);
        expect(after.cost >= 0n && after.cost <= cost).toBe(true);
      }),
    );
  });

  it('sells half of very many cheap units', () => {
    const held = { quantity: parseDecimal('1000000000000000'), cost: parseDecimal('1000000'), realised: ZERO };
    expect(applyFill(held, sale(parseDecimal('0.000000001'), parseDecimal('500000000000000')))).toEqual({
      quantity: parseDecimal('500000000000000'),
      cost: parseDecimal('500000'),
      realised: ZERO,
    });
  });
});

function sale(price: Decimal, quantity: Decimal): Fill {
  const ids = { venueTradeId: 't', venueOrderId: 'v', clientOrderId: 'c', symbol: 'XRP/ETH', side: 'sell' } as const;
  return { ...ids, price, quantity, fee: ZERO, feeAsset: 'ETH', maker: false, time: 0 };
}
