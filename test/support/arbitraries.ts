import * as fc from 'fast-check';
import type { Decimal } from '../../services/shared/domain/decimal.ts';
import type { Fill } from '../../services/shared/domain/fill.ts';
import type { Instrument } from '../../services/shared/domain/instrument.ts';
import type { OrderState } from '../../services/shared/domain/order.ts';

/** The greatest magnitude of NUMERIC(38, 18), in units of 10^-18. */
export const MAX_UNITS = 10n ** 38n - 1n;

/** Decimals of all magnitudes: single units, amounts of every day, and the edges. */
export function decimals(bound = MAX_UNITS): fc.Arbitrary<Decimal> {
  return fc
    .oneof(
      fc.bigInt({ min: -bound, max: bound }),
      fc.bigInt({ min: -1000n, max: 1000n }),
      fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }).map((count) => clamp(count * 10n ** 15n, bound)),
      fc.constantFrom(0n, bound, -bound),
    )
    .map((units) => units as Decimal);
}

/** Decimals above zero, up to `bound` units. */
export function positiveDecimals(bound: bigint): fc.Arbitrary<Decimal> {
  return fc.bigInt({ min: 1n, max: bound }).map((units) => units as Decimal);
}

/** Spot pairs whose tick and lot have together at most 18 decimals, as every pair of MEXC has. */
export function instruments(): fc.Arbitrary<Instrument> {
  return fc.record({ tickDecimals: fc.nat(9), lotDecimals: fc.nat(9) }).map(({ tickDecimals, lotDecimals }) => ({
    symbol: 'XRP/ETH',
    base: 'XRP',
    quote: 'ETH',
    tickSize: step(tickDecimals),
    lotSize: step(lotDecimals),
    minQuantity: step(lotDecimals),
    minNotional: 0n as Decimal,
    maxNotional: MAX_UNITS as Decimal,
    makerFee: 0n as Decimal,
    takerFee: 0n as Decimal,
  }));
}

/** Fills of XRP/ETH with fees in base, quote or a third asset; prices have 8 decimals, quantities 3. */
export function fills(): fc.Arbitrary<Fill> {
  return fc
    .record({
      id: fc.nat(),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price: fc.bigInt({ min: 1n, max: 10n ** 10n }),
      quantity: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      fee: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      feeAsset: fc.constantFrom('XRP', 'ETH', 'MX'),
    })
    .map(({ id, side, price, quantity, fee, feeAsset }) => ({
      venueTradeId: `t${id}`,
      venueOrderId: 'v1',
      clientOrderId: 'c1',
      symbol: 'XRP/ETH',
      side,
      price: (price * 10n ** 10n) as Decimal,
      quantity: (quantity * 10n ** 15n) as Decimal,
      fee: fee as Decimal,
      feeAsset,
      maker: false,
      time: 0,
    }));
}

/** One state of each kind, with this filled amount where the kind carries one. */
export function orderStates(filled: Decimal): readonly OrderState[] {
  const venueOrderId = 'v1';
  return [
    { kind: 'Intended' },
    { kind: 'Submitted' },
    { kind: 'Open', venueOrderId },
    { kind: 'PartiallyFilled', venueOrderId, filled },
    { kind: 'CancelPending', venueOrderId, filled },
    { kind: 'Unknown', since: 0, filled, venueOrderId },
    { kind: 'Filled', venueOrderId, filled },
    { kind: 'Cancelled', venueOrderId, filled },
    { kind: 'Rejected', code: '30005' },
    { kind: 'NeverSent', reason: 'Expired' },
  ];
}

function step(decimalPlaces: number): Decimal {
  return (10n ** BigInt(18 - decimalPlaces)) as Decimal;
}

function clamp(value: bigint, bound: bigint): bigint {
  if (value > bound) return bound;
  return value < -bound ? -bound : value;
}
